"""A principal pays solvers and auditors that learn: it sets rewards, they train, it sees what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.parametric import (
    AuditQuality,
    Pairs,
    Pay,
    Rates,
    TaskPool,
    Training,
    event_chances,
    pay_of,
    rates_of,
    train,
)
from sim.arrays import Array, read_only, whole_number
from sim.design.controllers import Controller
from sim.oversight.events import Event, event_values
from sim.oversight.outcomes import OutcomeValues
from sim.randomness import generator

UNPAID = (-30.0, 0.0)
"""Policy of an auditor who never looks."""


@dataclass(frozen=True)
class Principal:
    """Who sets the rewards of a row of the comparison.

    Attributes:
        controller: Makes a fresh controller of reward profiles; None: rewards by event are `pay`, throughout.
        pay: What solver and auditor earn by event, (12,) each.
        audited: Whether there is an auditor.
    """

    controller: Callable[[], Controller] | None = None
    pay: tuple[Array, Array] | None = None
    audited: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """Where it is played.

    Attributes:
        pool: Tasks.
        audits: How good audits are.
        values: What outcomes are worth to the principal.
        training: How solver and auditor learn.
        steps: Training steps of each phase between two decisions of the principal.
        episodes: Tasks on which the principal judges a round.
        seeds: Runs of every row; runs of one seed meet the same tasks in every row.
        seed: Of the first run; the others count on from it.
    """

    pool: TaskPool
    audits: AuditQuality
    values: OutcomeValues
    training: Training
    steps: int
    episodes: int
    seeds: int
    seed: int

    def __post_init__(self) -> None:
        for name in ("steps", "episodes"):
            whole_number(name, getattr(self, name), minimum=1)
        whole_number("seeds", self.seeds, minimum=2)

    @property
    def run_seeds(self) -> list[int]:
        """The seed of every run."""
        return [self.seed + k for k in range(self.seeds)]


class Played(NamedTuple):
    """R rows by S seeds by T rounds.

    Attributes:
        names: Of the rows.
        rates: What came of every round, exactly, each field (R, S, T).
        profiles: What was proposed, (R, S, T, 12); NaN where rewards are not those of a profile.
        seen: The principal's value on its sample of tasks, (R, S, T).
        recommended: The profile a controller would stay with, (R, S, 12); NaN as above.
        pairs: Solvers and auditors at the end, rows by seeds in one axis.
    """

    names: tuple[str, ...]
    rates: Rates
    profiles: Array
    seen: Array
    recommended: Array
    pairs: Pairs


def govern(
    principals: Mapping[str, Principal],
    setting: Setting,
    *,
    rounds: int,
    pairs: Pairs | None = None,
    first: int = 0,
) -> Played:
    """Let every principal play with its own pairs, one a seed.

    Args:
        principals: By name.
        setting: See there.
        rounds: Decisions of the principal.
        pairs: Solvers and auditors at the start, rows by seeds in one axis; untrained ones if not given.
        first: Number of the first round: with `pairs` of an earlier play, where that ended.

    Raises:
        InputError: As the controllers; bad rounds.
    """
    whole_number("rounds", rounds, minimum=1)
    seeds, lanes = setting.run_seeds, [(name, seed) for name in principals for seed in setting.run_seeds]
    now = _untrained(principals, setting) if pairs is None else pairs
    minds = [one.controller() if (one := principals[name]).controller else None for name, _ in lanes]
    worth = event_values(setting.values)
    held = _held(principals, setting.seeds)
    unaudited = np.array([not principals[name].audited for name, _ in lanes])
    profiles = np.full((rounds, len(lanes), 12), np.nan)
    chances, seen = np.empty((rounds, len(lanes), len(Event))), np.empty((rounds, len(lanes)))
    for t in range(rounds):
        number = first + t
        for lane, ((_, seed), mind) in enumerate(zip(lanes, minds, strict=True)):
            if mind is not None:
                profiles[t, lane] = mind.propose(generator(seed, round=number, agent=-1, purpose="propose levers"))
        paid = pay_of(np.nan_to_num(profiles[t]))
        governed = np.array([mind is not None for mind in minds])[:, None]
        pay = Pay(*(np.where(governed, new, old) for new, old in zip(paid, held, strict=True)))
        trained = train(
            now, setting.pool, setting.audits, pay, setting.training, steps=setting.steps, seeds=seeds, round=number
        )
        now = _without_auditors(trained, now, unaudited)
        chances[t] = event_chances(now, setting.pool, setting.audits)
        for lane, ((_, seed), mind) in enumerate(zip(lanes, minds, strict=True)):
            lot = generator(seed, round=number, agent=-1, purpose="value of levers")
            shares = lot.multinomial(setting.episodes, chances[t, lane] / chances[t, lane].sum()) / setting.episodes
            seen[t, lane] = float(shares @ worth)
            if mind is not None:
                report = {key: float(rate) for key, rate in rates_of(shares, setting.values)._asdict().items()}
                mind.observe(profiles[t, lane], float(seen[t, lane]), report)
    shape = (len(principals), setting.seeds)

    def by_row(rounds_first: Array) -> Array:
        seeds_first = np.moveaxis(rounds_first, 0, 1)
        return read_only(seeds_first.reshape(*shape, *seeds_first.shape[1:]))

    stay = np.array([np.full(12, np.nan) if mind is None else mind.recommend() for mind in minds])
    return Played(
        names=tuple(principals),
        rates=Rates(*(by_row(rate) for rate in rates_of(chances, setting.values))),
        profiles=by_row(profiles),
        seen=by_row(seen),
        recommended=read_only(stay.reshape(*shape, 12)),
        pairs=now,
    )


def hold(profiles: Array, setting: Setting, pairs: Pairs, *, rounds: int, first: int) -> tuple[Rates, Pairs]:
    """Go on training under profiles that stay.

    Args:
        profiles: By lane, (L, 12).
        setting: See there.
        pairs: Solvers and auditors at the start, L lanes.
        rounds: Rounds of training.
        first: Number of the first.

    Returns:
        What came of every round, each field (T, L), and the pairs at the end.
    """
    pay, chances = pay_of(profiles), np.empty((rounds, len(profiles), len(Event)))
    for t in range(rounds):
        pairs = train(
            pairs,
            setting.pool,
            setting.audits,
            pay,
            setting.training,
            steps=setting.steps,
            seeds=setting.run_seeds,
            round=first + t,
        )
        chances[t] = event_chances(pairs, setting.pool, setting.audits)
    return rates_of(chances, setting.values), pairs


def _untrained(principals: Mapping[str, Principal], setting: Setting) -> Pairs:
    pairs = Pairs.alike([k for _ in principals for k in range(setting.seeds)])
    unaudited = ~np.repeat([one.audited for one in principals.values()], setting.seeds)
    policies = pairs.policies.copy()
    policies[unaudited, 1] = UNPAID
    return Pairs(read_only(policies), pairs.last, pairs.streams)


def _without_auditors(trained: Pairs, before: Pairs, unaudited: NDArray[np.bool_]) -> Pairs:
    """Auditors that are not there do not learn."""
    policies = trained.policies.copy()
    policies[unaudited, 1] = before.policies[unaudited, 1]
    return Pairs(read_only(policies), trained.last, trained.streams)


def _held(principals: Mapping[str, Principal], seeds: int) -> Pay:
    nothing = np.zeros(len(Event))
    pays = [(nothing, nothing) if one.pay is None else one.pay for one in principals.values()]
    return Pay(*(np.repeat([pay[agent] for pay in pays], seeds, axis=0) for agent in range(2)))
