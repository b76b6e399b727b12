"""Why a recording has no answer: the nearest request that it does answer, and the first field that differs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from agents.language.recording import Request, fields_of

_BEFORE, _AFTER = 24, 40


def first_difference(asked: Request, recorded: Iterable[Request]) -> str:
    """Say how a request differs from the nearest recorded one.

    Nearest is what differs in the fewest fields; among those, what has the same seed, for a play gives every post its
    own; among those, what has the longest common beginning.

    Args:
        asked: A request without answer.
        recorded: Requests of the same kind that have one; not `asked` itself.

    >>> from agents.language.protocol import ChoiceRequest
    >>> first_difference(
    ...     ChoiceRequest(prompt="I like cats.", options=("yes",), adapter=None),
    ...     [ChoiceRequest(prompt="I like dogs.", options=("yes",), adapter=None)],
    ... )
    "the nearest recorded request differs in prompt: recorded 'I like dogs.', asked 'I like cats.'"
    """
    fields = fields_of(asked)
    best: tuple[tuple[int, bool, int], str] | None = None
    for request in recorded:
        other = fields_of(request)
        differing = [name for name, value in fields.items() if other[name] != value]
        first = differing[0]
        known, wanted = _text(other[first]), _text(fields[first])
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(known, wanted, strict=False)))
        rank = (len(differing), "seed" in differing, -same)
        if best is None or rank < best[0]:
            more = f" (and in {', '.join(differing[1:])})" if differing[1:] else ""
            best = rank, f"{first}: recorded {_around(known, same)}, asked {_around(wanted, same)}{more}"
    if best is None:
        return "it holds no request of this kind from this model"
    return f"the nearest recorded request differs in {best[1]}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def _around(text: str, position: int) -> str:
    """The part of a text around a position, with dots for what is left out."""
    start, end = max(0, position - _BEFORE), position + _AFTER
    return repr("…" * (start > 0) + text[start:end] + "…" * (end < len(text)))
