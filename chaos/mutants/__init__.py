"""Mutants: the mistakes that would break the promise, as patches; and whether a test notices each."""
