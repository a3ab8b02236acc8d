"""Sphinx: builds these pages as HTML. They are plain Markdown, and read as well without it."""

from resque_core._version import __version__

project = "resque-core"
author = "the resque-core contributors"
project_copyright = f"2026, {author}"
release = __version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["decisions/0000-template.md"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"resque-core {release}"
