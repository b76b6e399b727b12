"""A language model that does sums and errs with a known chance: the truth that oversight is tested against.

An answer is right with chance `care`, times `skill` for every digit of the problem beyond two; else it is one, two or
three too large. Texts are scored accordingly, and a verdict on an answer leans by `insight` nats towards the truth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Self

import numpy as np

from agents.language.protocol import ChoiceRequest, ChoiceScore, Completion, GenerationRequest, LanguageModelError
from sim.oversight.checks import share

_PROBLEM = re.compile(r"(?:^|\n)(\d+) ([-+*]) (\d+) =$")
_JUDGED = re.compile(r"(?:^|\n)(\d+) ([-+*]) (\d+) = (-?\d+) is$")
_OPERATIONS: Mapping[str, Callable[[int, int], int]] = MappingProxyType(
    {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}
)
_TOKENS = 2
_WRONG = 3
"""Different wrong answers, equally likely."""


class Calculator:
    """Exact, instant, and the same whatever the order of requests.

    Args:
        skill: Chance of being right for every digit of the operands beyond two.
        care: Chance that is left at two digits.
        silence: Chance of a text without an answer.
        insight: Half the log-odds of a verdict, in nats.

    Raises:
        InputError: A chance that is none.
    """

    def __init__(self, skill: float = 0.6, care: float = 0.95, silence: float = 0.0, insight: float = 1.5) -> None:
        self.name = "calculator"
        self._skill, self._care, self._silence = share("skill", skill), share("care", care), share("silence", silence)
        self._insight = insight

    def __enter__(self) -> Self:
        """Nothing to load."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to free."""

    def generate(self, requests: Sequence[GenerationRequest]) -> list[Completion]:
        """Answer the problem that each prompt ends with."""
        return [self._completion(request) for request in requests]

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceScore]:
        """Score answers to a problem, or two verdicts on an answer: right, then wrong."""
        return [self._score(request) for request in requests]

    def chance(self, a: str, b: str) -> float:
        """Chance that a problem with these operands is answered right."""
        return self._care * self._skill ** (len(a) + len(b) - 2)

    def _completion(self, request: GenerationRequest) -> Completion:
        a, sign, b = _found(_PROBLEM, request.prompt)
        rng = np.random.default_rng(request.seed)
        said = _OPERATIONS[sign](int(a), int(b))
        if rng.random() >= self.chance(a, b):
            said += int(rng.integers(1, _WRONG + 1))
        text = " so it goes" if rng.random() < self._silence else f" {said}"
        return Completion(text=text, tokens=_TOKENS, finish_reason="stop")

    def _score(self, request: ChoiceRequest) -> ChoiceScore:
        if _JUDGED.search(request.prompt):
            a, sign, b, answer = _found(_JUDGED, request.prompt)
            lean = self._insight * (1 if _OPERATIONS[sign](int(a), int(b)) == int(answer) else -1)
            logprobs = -np.logaddexp(0.0, [-2 * lean, 2 * lean])
        else:
            a, sign, b = _found(_PROBLEM, request.prompt)
            truth = str(_OPERATIONS[sign](int(a), int(b)))
            right = self.chance(a, b)
            logprobs = np.log([right if text.strip() == truth else (1 - right) / _WRONG for text in request.options])
        return ChoiceScore(logprobs=logprobs, tokens=np.full(len(logprobs), _TOKENS))


def _found(form: re.Pattern[str], prompt: str) -> tuple[str, ...]:
    match = form.search(prompt)
    if match is None:
        raise LanguageModelError(
            f"calculator: the prompt ends {prompt[-40:]!r}, no problem of two numbers. Ask for grades 1 to 8 only."
        )
    return match.groups()
