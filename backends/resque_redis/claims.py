"""Claims of unique jobs as scripts get them."""

from resque_core.claim import Claim
from resque_redis.text import to_bytes


def claim_parts(claim: Claim | None) -> tuple[bytes, str, int]:
    """Key, end, and the milliseconds for which it is held if it ends so."""
    if claim is None:
        return b"", "", 0
    return to_bytes(claim.key), claim.until, max(1, int(claim.seconds * 1000))
