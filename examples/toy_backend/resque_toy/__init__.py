"""A toy backend for Resque: plain dicts and lists, in one file for each namespace, behind one lock."""

from resque_toy.storage import ToyStorage, open_storage

__all__ = ["ToyStorage", "open_storage"]
