"""The Redis backend: byte-compatible with Ruby Resque. Entry points of `resque.backends`: see `setup.cfg`."""

from resque_redis.storage import open_storage, storage_of
from resque_redis.url import from_ruby

__all__ = ["from_ruby", "open_storage", "storage_of"]
