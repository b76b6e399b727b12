"""Solver and auditor learn in turn, each against the other as it now writes: outer rounds as in arXiv 2605.01643."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.language.protocol import GenerationRequest, LanguageModel
from agents.policy_training import PolicyRecipe, PolicyTraining, train_policy
from platforms.oversight.lora import Roles, auditor_events, auditor_lesson, solver_events, solver_lesson
from platforms.oversight.tasks.protocol import Task
from sim.arrays import whole_number
from sim.oversight.checks import share
from sim.oversight.events import AUDITED, WRONG, Event
from sim.oversight.profiles import RewardProfile
from sim.randomness import request_seed

Voices = Callable[[Mapping[str, Path]], AbstractContextManager[LanguageModel]]
"""Makes a language model that speaks with these adapters."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Turn:
    """One outer round.

    Attributes:
        profile: Rewards in it.
        solver: The solver's training.
        auditor: The auditor's; None if the solver gave no answer to audit.
        events: What became of each task afterwards, random checks aside, (T,).
        caught: Chance that a wrong answer is caught, random checks included; their rate where none was wrong.
    """

    profile: RewardProfile
    solver: PolicyTraining
    auditor: PolicyTraining | None
    events: NDArray[np.int8]
    caught: float

    @property
    def abstained(self) -> float:
        """Share of tasks without an attempt."""
        return float(np.mean(self.events == Event.ABSTAINED))

    @property
    def hallucinated(self) -> float:
        """Wrong attempts as a share of all tasks."""
        return float(WRONG[self.events].mean())

    @property
    def audited(self) -> float:
        """Audits as a share of all tasks."""
        return float(AUDITED[self.events].mean())


def take_turns(
    model: Path,
    tasks: Sequence[Task],
    profile: Callable[[Sequence[Turn]], RewardProfile],
    recipe: PolicyRecipe,
    folder: Path,
    *,
    roles: Roles,
    voices: Voices,
    turns: int,
    check_rate: float,
    base: str,
    report: Callable[[str], None] = lambda line: None,
) -> list[Turn]:
    """Train the solver, let it answer, train the auditor on the answers, let it audit; again.

    Args:
        model: Folder of the base model.
        tasks: T tasks.
        profile: Chooses the rewards of a turn from the turns before it: a fixed profile, or a principal.
        recipe: How each phase is trained; its seed also keys what they write between phases.
        folder: Where the adapters go, as `solver-0`, `auditor-0`, `solver-1`, ...
        roles: What the two are shown.
        voices: Makes the model that writes between phases.
        turns: Outer rounds, >= 1.
        check_rate: rho, how often outputs that nobody flagged are checked.
        base: SHA-256 of the base model's weights.
        report: Gets a line a step.

    Raises:
        InputError: No turn, no task, or `check_rate` is no probability.
    """
    whole_number("turns", turns, minimum=1)
    share("check_rate", check_rate)
    done: list[Turn] = []
    before: dict[str, Path] = {}
    for turn in range(turns):
        rewards = profile(done)
        now = {role: folder / f"{role}-{turn}" for role in ("solver", "auditor")}
        phase = replace(recipe, seed=recipe.seed + turn)
        lesson = solver_lesson(tasks, rewards, roles=roles, caught=done[-1].caught if done else check_rate)
        solver = train_policy(
            model, *lesson, phase, now["solver"], base=base, start=before.get("solver"), report=report
        )
        before["solver"] = now["solver"]
        with voices(before) as language:
            texts = _written(language, lesson.prompts, "solver", recipe, turn)
        events = solver_events(tasks, texts)
        shown = np.flatnonzero((events != Event.ABSTAINED) & (events != Event.TRUNCATED))
        auditor = None
        if shown.size:
            cases = [(tasks[number], tasks[number].read(texts[number]) or "") for number in shown]
            lesson = auditor_lesson(cases, rewards, roles=roles, check_rate=check_rate)
            auditor = train_policy(
                model, *lesson, phase, now["auditor"], base=base, start=before.get("auditor"), report=report
            )
            before["auditor"] = now["auditor"]
            with voices(before) as language:
                audits = _written(language, lesson.prompts, "auditor", recipe, turn)
            events[shown] = auditor_events([task for task, _ in cases], [answer for _, answer in cases], audits)
        done.append(
            Turn(profile=rewards, solver=solver, auditor=auditor, events=events, caught=_caught(events, check_rate))
        )
    return done


def _caught(events: NDArray[np.int8], check_rate: float) -> float:
    wrong = events[WRONG[events]]
    flagged = np.isin(wrong, (Event.WRONG_CAUGHT, Event.WRONG_CAUGHT_BY_CHANCE))
    return float(np.mean(flagged + (1 - flagged) * check_rate)) if wrong.size else check_rate


def _written(language: LanguageModel, prompts: Sequence[str], role: str, recipe: PolicyRecipe, turn: int) -> list[str]:
    requests = [
        GenerationRequest(
            prompt=prompt,
            adapter=role,
            seed=request_seed(recipe.seed, round=turn, agent=number, purpose=f"{role} between phases"),
            max_tokens=recipe.max_tokens,
            temperature=recipe.temperature,
            stop=recipe.stop,
        )
        for number, prompt in enumerate(prompts)
    ]
    return [completion.text for completion in language.generate(requests)]
