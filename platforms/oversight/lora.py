"""Solver and auditor as policies: LoRA adapters trained on what their texts earn under a reward profile.

One text says everything: the solver's is an answer or `ABSTAIN`, the auditor's is evidence or `PASS`. Each is trained
against the other as it stands; `platforms.oversight.lora_turns` lets them take turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.few_shot import FewShot
from agents.policy_training import Reward
from platforms.oversight.tasks.functions import judge_ahead
from platforms.oversight.tasks.protocol import Task
from sim.arrays import Array
from sim.oversight.checks import share
from sim.oversight.events import AUDITOR_PAY, SOLVER_PAY, Event
from sim.oversight.profiles import RewardProfile

ABSTAIN, PASS = "abstain", "pass"
"""What a solver writes for no answer, and an auditor for no audit."""


@dataclass(frozen=True, kw_only=True)
class Roles:
    """What the two are shown.

    Attributes:
        solving: Form with the field `question`; an example of abstaining among its examples.
        auditing: Form with the fields `question` and `answer`; an example of passing among its examples.
    """

    solving: FewShot
    auditing: FewShot


ARITHMETIC = Roles(
    solving=FewShot(
        "{question} ={text}\n",
        (
            {"question": "3 + 5", "text": " 8"},
            {"question": "83 * 26", "text": f" {ABSTAIN}"},
            {"question": "23 + 45", "text": " 68"},
            {"question": "5914 - 2887", "text": f" {ABSTAIN}"},
            {"question": "7 - 2", "text": " 5"},
            {"question": "61 * 47", "text": f" {ABSTAIN}"},
        ),
    ),
    auditing=FewShot(
        "{question} = {answer}?{text}\n",
        (
            {"question": "4 + 4", "answer": "8", "text": f" {PASS}"},
            {"question": "52 + 36", "answer": "98", "text": " 88"},
            {"question": "9 - 2", "answer": "7", "text": f" {PASS}"},
            {"question": "3 * 8", "answer": "21", "text": " 24"},
        ),
    ),
)
"""Three examples of abstaining: with one the packaged model hardly ever does, and no gradient can favour it."""

FUNCTIONS = Roles(
    solving=FewShot(
        "{question}\n{text}\n\n\n",
        (
            {"question": 'def triple(x):\n    """Return three times x."""', "text": "    return 3 * x"},
            {"question": 'def tomorrow(x):\n    """Return the price of x of tomorrow."""', "text": f"    {ABSTAIN}"},
            {"question": 'def first(items):\n    """Return the first element."""', "text": "    return items[0]"},
        ),
    ),
    auditing=FewShot(
        "{question}\n    ...\n\n# Solution:\n{answer}\n# A test that it fails, or pass:{text}\n\n\n",
        (
            {
                "question": 'def triple(x):\n    """Return three times x."""',
                "answer": "def triple(x):\n    return 3 + x",
                "text": " assert triple(2) == 6",
            },
            {
                "question": 'def first(items):\n    """Return the first element."""',
                "answer": "def first(items):\n    return items[0]",
                "text": f" {PASS}",
            },
        ),
    ),
)
"""For a recipe with `stop=("\\n\\n",)` and longer completions."""


def solver_events(tasks: Sequence[Task], texts: Sequence[str]) -> NDArray[np.int8]:
    """What each text is, before any audit, (n,): abstained, truncated, right or wrong.

    Args:
        tasks: The task of each text.
        texts: What the solver wrote.
    """
    answers = [None if _says(text, ABSTAIN) else task.read(text) for task, text in zip(tasks, texts, strict=True)]
    there = [number for number, answer in enumerate(answers) if answer is not None]
    judge_ahead([tasks[k] for k in there], [answers[k] or "" for k in there], [None] * len(there))
    events = np.full(len(texts), Event.TRUNCATED, dtype=np.int8)
    events[[_says(text, ABSTAIN) for text in texts]] = Event.ABSTAINED
    events[there] = [
        Event.RIGHT_UNAUDITED if tasks[k].right(answers[k] or "") else Event.WRONG_UNAUDITED for k in there
    ]
    return events


def auditor_events(tasks: Sequence[Task], answers: Sequence[str], texts: Sequence[str]) -> NDArray[np.int8]:
    """What each audit comes to, random checks aside, (n,).

    Args:
        tasks: The task of each audit.
        answers: The answer that is audited.
        texts: What the auditor wrote.
    """
    evidence = [
        None if _says(text, PASS) else task.read_evidence(text) for task, text in zip(tasks, texts, strict=True)
    ]
    judge_ahead(tasks, answers, evidence)
    return np.array(
        [
            _audited(task, answer, found, passed=_says(text, PASS))
            for task, answer, found, text in zip(tasks, answers, evidence, texts, strict=True)
        ],
        dtype=np.int8,
    )


def _audited(task: Task, answer: str, evidence: str | None, *, passed: bool) -> Event:
    right = task.right(answer)
    if passed:
        return Event.RIGHT_UNAUDITED if right else Event.WRONG_UNAUDITED
    if evidence is None:
        return Event.RIGHT_INVALID if right else Event.WRONG_INVALID
    if not task.refutes(evidence, answer):
        return Event.RIGHT_CLEARED if right else Event.WRONG_CLEARED
    if right:
        return Event.RIGHT_FLAGGED
    return Event.WRONG_CAUGHT if task.evidence_right(evidence) else Event.WRONG_CAUGHT_BY_CHANCE


def _says(text: str, word: str) -> bool:
    return text.strip().casefold().startswith(word)


def solver_pay(profile: RewardProfile, caught: float) -> Array:
    """What a solver earns by `solver_events`, (12,), where wrong answers are caught with a given chance.

    Args:
        profile: Rewards.
        caught: Chance that a wrong answer is caught, by an audit or a random check.

    Raises:
        InputError: `caught` is no probability.
    """
    share("caught", caught)
    pay = np.array(SOLVER_PAY @ profile.vector)
    pay[Event.WRONG_UNAUDITED] = caught * pay[Event.WRONG_CAUGHT] + (1 - caught) * pay[Event.WRONG_UNAUDITED]
    return pay


def auditor_pay(profile: RewardProfile, check_rate: float) -> Array:
    """What an auditor earns by `auditor_events`, (12,), where outputs nobody flagged are checked at a given rate.

    Args:
        profile: Rewards.
        check_rate: rho.

    Raises:
        InputError: `check_rate` is no probability.
    """
    share("check_rate", check_rate)
    pay = np.array(AUDITOR_PAY @ profile.vector)
    for missed in (Event.WRONG_UNAUDITED, Event.WRONG_CLEARED):
        pay[missed] = check_rate * pay[Event.WRONG_CHECKED] + (1 - check_rate) * pay[missed]
    return pay


class Lesson(NamedTuple):
    """What a policy is trained on: see `agents.policy_training.train_policy`.

    Attributes:
        prompts: What it is shown.
        reward: What its texts earn.
    """

    prompts: list[str]
    reward: Reward


def solver_lesson(tasks: Sequence[Task], profile: RewardProfile, *, roles: Roles, caught: float) -> Lesson:
    """A solver's lesson: its pay for the tasks.

    Args:
        tasks: Tasks it meets.
        profile: Rewards.
        roles: What it is shown.
        caught: Chance that a wrong answer is caught.

    Raises:
        InputError: `caught` is no probability.
    """
    pay = solver_pay(profile, caught)

    def reward(numbers: Sequence[int], texts: Sequence[str]) -> list[float]:
        return [float(one) for one in pay[solver_events([tasks[number] for number in numbers], texts)]]

    return Lesson([roles.solving.prompt(question=task.question) for task in tasks], reward)


def auditor_lesson(
    cases: Sequence[tuple[Task, str]], profile: RewardProfile, *, roles: Roles, check_rate: float
) -> Lesson:
    """An auditor's lesson: its pay for audits of answers.

    Args:
        cases: Tasks and the answers that it audits, as the tasks read them.
        profile: Rewards.
        roles: What it is shown.
        check_rate: rho, how often outputs that nobody flagged are checked.

    Raises:
        InputError: `check_rate` is no probability.
    """
    pay = auditor_pay(profile, check_rate)

    def reward(numbers: Sequence[int], texts: Sequence[str]) -> list[float]:
        tasks, answers = zip(*(cases[number] for number in numbers), strict=True)
        return [float(one) for one in pay[auditor_events(tasks, answers, texts)]]

    return Lesson([roles.auditing.prompt(question=task.question, answer=answer) for task, answer in cases], reward)
