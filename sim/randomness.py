"""Random numbers keyed by what they are for, so that the order of the work cannot change a result."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from sim.arrays import shorten, whole_number
from sim.errors import InputError


def generator(seed: int, *, round: int, agent: int, purpose: str) -> np.random.Generator:
    """Generator that depends on (seed, round, agent, purpose) only, never on what was drawn before.

    Args:
        seed: Run seed, >= 0.
        round: Round played, >= 0; 0 for draws before the first.
        agent: Account index, >= 0, or -1 for draws that belong to no account.
        purpose: What the numbers are for, such as "start" or "draw group"; not empty.

    Raises:
        InputError: A key is of the wrong type or out of range.

    >>> first = generator(7, round=3, agent=1, purpose="draw group").random()
    >>> first == generator(7, round=3, agent=1, purpose="draw group").random()
    True
    """
    key = _digest("generator", seed, round, agent, purpose)
    return np.random.default_rng(np.random.SeedSequence(int.from_bytes(key, "big")))


def request_seed(seed: int, *, round: int, agent: int, purpose: str) -> int:
    """Seed for a request to a language model, in [0, 2^31): keyed as `generator`, independent of its numbers.

    Raises:
        InputError: A key is of the wrong type or out of range.
    """
    key = _digest("request", seed, round, agent, purpose)
    return int.from_bytes(key[:4], "big") & 0x7FFFFFFF


def _digest(domain: str, seed: int, round: int, agent: int, purpose: str) -> bytes:
    if not isinstance(purpose, str) or not purpose:
        raise InputError("purpose", shorten(purpose), 'expected a short text such as "start"')
    fields = [
        domain,
        whole_number("seed", seed, minimum=0),
        whole_number("round", round, minimum=0),
        whole_number("agent", agent, minimum=-1),
        purpose,
    ]
    # JSON keeps the fields apart: no two different keys can spell the same text.
    return hashlib.blake2b(json.dumps(fields).encode(), digest_size=16).digest()
