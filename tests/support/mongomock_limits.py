"""The tests of the contract that the MongoDB backend does not pass on mongomock, each with the reason.

It is made for programs' own tests: enqueue, look, and see what failed. All else is what a server is for.
A test that is listed and passes is an error: take it out of the list.
"""

LIMITS: dict[str, tuple[str, ...]] = {
    "mongomock has no update by pipeline, which leases and settlements are": (),
    "mongomock lives in one process": (),
}

#: Each test, and why it fails.
REASONS = {test: reason for reason, tests in LIMITS.items() for test in tests}
