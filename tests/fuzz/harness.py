"""One malformed input after the other: each ends well or with an error that says what and what to do, and soon."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

from agents.language.protocol import LanguageModelError
from sim.errors import InputError

SECONDS = 60
"""For one case; those that are made take milliseconds, on a busy machine too."""

Case = Callable[[random.Random], object]


class Hang(BaseException):
    """A case that did not end; no `except Exception` catches it."""


def survived(case: Case, cases: int, name: str, expected: tuple[type[Exception], ...] = ()) -> Counter[str]:
    """Run many cases, each with its own generator.

    Args:
        case: Makes a malformed input from a generator and gives it to the code under test.
        cases: How many.
        name: Of the family; with the number of a case it is its seed.
        expected: Errors that are refusals with a message, besides this project's own.

    Returns:
        How often each outcome came, "accepted" or the name of the error.

    Raises:
        AssertionError: Another exception, an error without words, or a case that hung; names the seed.
    """
    outcomes: Counter[str] = Counter()
    known = signal.signal(signal.SIGALRM, _hang)
    try:
        for number in range(cases):
            seed = f"{name} {number}"
            signal.alarm(SECONDS)
            try:
                case(random.Random(seed))
                outcomes["accepted"] += 1
            except (InputError, LanguageModelError, *expected) as error:
                if len(str(error)) <= 10 or (isinstance(error, InputError) and not (error.field and error.remedy)):
                    raise AssertionError(f"{seed}: {type(error).__name__} without words: {error!r}") from error
                outcomes[type(error).__name__] += 1
            except Hang as error:
                raise AssertionError(f"{seed}: no end after {SECONDS} s") from error
            except Exception as error:
                raise AssertionError(f"{seed}: {type(error).__name__}: {error}") from error
            finally:
                signal.alarm(0)
    finally:
        signal.signal(signal.SIGALRM, known)
    return outcomes


def _hang(*_: object) -> None:
    raise Hang


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Bytes with a few of them changed, cut, doubled, moved or put in."""
    text = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        place = rng.randrange(len(text) + 1)
        end = min(len(text), place + rng.choice((1, 2, 8, 64)))
        kind = rng.randrange(6)
        if kind == 0 and place < len(text):
            text[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del text[place:end]
        elif kind == 2:
            text[place:place] = text[place:end]
        elif kind == 3:
            text[place:place] = rng.choice(BYTES)
        elif kind == 4:
            text = text[:place] if rng.random() < 0.5 else text[place:]
        else:
            text[place:end] = rng.randbytes(end - place)
    return bytes(text)


BYTES = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\n",
    b"\r",
    b'"',
    b",",
    b";",
    b"\t",
    b"9" * 400,
    b"nan",
    b"-inf",
)

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**63, -(2**63) - 1, 10**400, 0.5, -0.0, 1e308, -1e308, 5e-324),
    *(float("nan"), float("inf"), float("-inf"), "", " ", "a", "0", "nan", "None", "\x00", "\ud800", "x" * 10_000),
    *([], [[]], [None], {}, {"": None}, {"a": {"b": [1]}}),
)


def mutated(node: Any, rng: random.Random) -> Any:
    """JSON with one part changed, removed, doubled or wrapped."""
    if isinstance(node, dict) and node and rng.random() < 0.8:
        key = rng.choice(sorted(node, key=str))
        left = {k: v for k, v in node.items() if k != key}
        kind = rng.randrange(8)
        if kind == 0:
            return left
        if kind == 1:
            return {**left, rng.choice(("", "x", "index", "0")): node[key]}
        return {**node, key: mutated(node[key], rng)}
    if isinstance(node, list) and node and rng.random() < 0.8:
        place = rng.randrange(len(node))
        kind = rng.randrange(8)
        if kind == 0:
            return node[:place] + node[place + 1 :]
        if kind == 1:
            return [*node, node[place]]
        if kind == 2:
            return rng.sample(node, len(node))
        return [*node[:place], mutated(node[place], rng), *node[place + 1 :]]
    return [node] if rng.random() < 0.1 else rng.choice(VALUES)
