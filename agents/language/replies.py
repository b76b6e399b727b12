"""Reading a completion server's replies: nothing is believed that wasn't checked."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from agents.language.protocol import Completion, LanguageModelError
from agents.language.tokens import ScoredSequence

ROUNDING = 1e-4  # a log-probability above 0 by no more than this is rounding
MOST_TOKENS = 2**31
LEAST = -1e6  # nats; no model computes less for one token, and a sum of such numbers is still one


class BadReply(LanguageModelError):
    """A reply that can't be used: says what was wrong with it."""


class Interrupted(LanguageModelError):
    """The server gave up on a request it had accepted: it is going down, the request may be sent again."""


def read_choices(body: str, count: int) -> list[dict[str, Any]]:
    """Choices of a reply to `count` prompts, in the order of the prompts."""
    reply = _parsed(body)
    choices = reply.get("choices") if isinstance(reply, dict) else None
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise BadReply(f"the reply has no list of choices; it begins {body[:80]!r}")
    numbers = [choice.get("index") for choice in choices]
    if sorted(numbers, key=str) != sorted(range(count), key=str) or not all(type(n) is int for n in numbers):
        raise BadReply(f"{count} prompts were sent, the reply answers numbers {numbers!r:.200}")
    by_index = {choice["index"]: choice for choice in choices}
    if any(choice.get("finish_reason") == "abort" for choice in choices):
        raise Interrupted("the server aborted the request")
    return [by_index[index] for index in range(count)]


def read_models(body: str) -> list[str]:
    """Names of the models a server serves, adapters included."""
    reply = _parsed(body)
    try:
        return [str(model["id"]) for model in reply["data"]]
    except (TypeError, KeyError) as error:
        raise BadReply(f"the reply is no list of models; it begins {body[:80]!r}") from error


def read_completion(body: str) -> Completion:
    """The one completion of a reply."""
    (choice,) = read_choices(body, 1)
    text, reason = choice.get("text"), choice.get("finish_reason")
    usage = json.loads(body).get("usage")
    tokens = usage.get("completion_tokens", -1) if isinstance(usage, dict) else -1
    counted = type(tokens) is int and 0 <= tokens < MOST_TOKENS
    if not isinstance(text, str) or reason not in ("stop", "length") or not counted:
        raise BadReply(f"expected text, finish_reason stop or length, and a token count, got {body[:200]!r}")
    if not _encodable(text):
        raise BadReply(f"the text is no Unicode, it holds half a character: {text!r:.200}")
    return Completion(text=text, tokens=tokens, finish_reason=reason)


def read_totals(body: str, sequences: Sequence[ScoredSequence]) -> list[float]:
    """Total log-probability of each sequence's option, from the log-probabilities of its prompt tokens."""
    return [
        _total(choice.get("prompt_logprobs"), sequence)
        for choice, sequence in zip(read_choices(body, len(sequences)), sequences, strict=True)
    ]


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadReply(f"the reply is no JSON ({error}); it begins {body[:80]!r}") from error


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _total(entries: object, sequence: ScoredSequence) -> float:
    if not isinstance(entries, list) or len(entries) != len(sequence.ids):
        got = len(entries) if isinstance(entries, list) else type(entries).__name__
        raise BadReply(f"expected {len(sequence.ids)} prompt log-probabilities, got {got}")
    positions = range(sequence.start, len(sequence.ids))
    return math.fsum(_logprob(entries[i], sequence.ids[i], i) for i in positions)


def _logprob(entry: object, token: int, position: int) -> float:
    given = entry.get(str(token)) if isinstance(entry, dict) else None
    value = given.get("logprob") if isinstance(given, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadReply(f"no log-probability of token {token} at position {position}, got {entry!r:.80}")
    if not LEAST <= value <= ROUNDING:  # nor is NaN
        raise BadReply(f"log-probability of token {token} at position {position} is {value!r:.40}, not <= 0")
    return min(float(value), 0.0)
