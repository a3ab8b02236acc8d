"""The version of the distribution `resque-core` (SemVer)."""

__version__ = "0.1.0"
