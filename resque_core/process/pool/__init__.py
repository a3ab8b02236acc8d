"""The pool manager: one process that keeps the workers of a machine alive, and its parts."""
