"""The SQLite backend: a store in one file, without a server. Entry point `sqlite` of `resque.backends`."""

from resque_sqlite.storage import open_storage

__all__ = ["open_storage"]
