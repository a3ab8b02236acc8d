"""Ids and tokens that nobody else has."""

import os


def new_id() -> str:
    """128 random bits as hexadecimal digits. Straight from the system, so equal in no two processes."""
    return os.urandom(16).hex()
