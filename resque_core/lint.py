"""Ruby's `Resque::Plugin.lint`: hooks of a plugin must be named so that two plugins do not collide."""

from resque_core.errors import LintError
from resque_core.hooks import hook_names

#: For each kind of hook that is checked, the ending that says "no name of its own was added".
_BARE_ENDINGS = {
    "before_perform": "perform",
    "around_perform": "perform",
    "after_perform": "perform",
    "on_failure": "failure",
}


def lint_plugin(plugin: object) -> None:
    """Check the names of a plugin's perform and failure hooks.

    :raises LintError: one has no name of its own, such as `before_perform` itself.
    """
    for kind, ending in _BARE_ENDINGS.items():
        for name in hook_names(plugin):
            if name.startswith(kind) and name.endswith(ending):
                raise LintError(
                    f"{_name_of(plugin)}.{name} is not namespaced: "
                    f"call it {kind}_… after the plugin, so that it does not replace another's."
                )


def _name_of(plugin: object) -> str:
    return getattr(plugin, "__qualname__", None) or getattr(plugin, "__name__", None) or repr(plugin)
