"""Seeds that depend on names only, never on the order in which things run."""

import hashlib


def derive_seed(run_seed: int, *names: str) -> int:
    """A seed of 63 bits from the run's seed and names, for instance of a held-out subject; equal on every machine."""
    text = "\0".join([str(run_seed), *names])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
