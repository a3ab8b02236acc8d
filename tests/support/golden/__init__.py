"""Drives the scenarios of `tests/golden/data` through ours, and compares."""
