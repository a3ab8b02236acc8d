"""The Redis backend: byte-compatible with Ruby Resque. Entry points of `resque.backends`: see `setup.cfg`."""

from resque_redis.storage import open_storage, storage_of

__all__ = ["open_storage", "storage_of"]
