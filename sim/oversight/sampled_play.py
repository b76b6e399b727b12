"""The inspection game played out: outputs, audits and verdicts are drawn, and both learn from what they are paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from sim.arrays import Array, positive, read_only, shorten, whole_number
from sim.errors import InputError
from sim.oversight.checks import inside
from sim.oversight.inspection_game import InspectionGame
from sim.randomness import generator

Counts = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, eq=False)
class SampledPath:
    """Play of G games, S times each.

    Attributes:
        aligned: p at the start and after each round, (rounds + 1, G, S).
        audited: q likewise.
    """

    aligned: Array
    audited: Array

    def settled(self, share: float = 0.75) -> tuple[Array, Array]:
        """Averages of p and q over the last share of the rounds, (G, S) each."""
        last = slice(-max(1, round(share * len(self.aligned))), None)
        return self.aligned[last].mean(axis=0), self.audited[last].mean(axis=0)


def sampled_play(
    games: Sequence[InspectionGame],
    *,
    step: float,
    rounds: int,
    batch: int,
    plays: int,
    seed: int,
    detection: ArrayLike | None = None,
    start: tuple[float, float] = (0.5, 0.5),
    floor: float = 0.01,
) -> SampledPath:
    """Solver and auditor take turns, each seeing only its own payments for a batch of outputs.

    In its turn a player moves its logit by h times an unbiased estimate of what its choice earns: payments less their
    mean of its last turn, weighted by the inverse probability of the choice made. So the averages of play meet
    I1(q) = 0 and I2(p) = 0 up to O(1/(h rounds)) wherever logits stay bounded. Slips, verdicts and random checks are
    drawn with the game's noise and check rate; sums over a batch are drawn as counts, which has the same law.

    Args:
        games: G games.
        step: h > 0, per unit of reward.
        rounds: Rounds >= 1, a turn of the solver and one of the auditor each.
        batch: Outputs a turn, >= 1.
        plays: S, independent repetitions.
        seed: Of everything drawn.
        detection: The share q of audits by game, (G,) or one number: nobody decides to audit. The auditor learns if
            not given.
        start: p and q at the start, strictly between 0 and 1.
        floor: Least probability of either choice, in (0, 1/2): what is never tried is never learned.

    Raises:
        InputError: For any of the conditions above; the message names the field.

    >>> game = InspectionGame(
    ...     aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5
    ... )
    >>> play = sampled_play([game], step=0.1, rounds=800, batch=50, plays=4, seed=0)
    >>> [bool(abs(mean.mean() - rest) < 0.03) for mean, rest in zip(play.settled(), (0.533, 0.25))]
    [True, True]
    """
    if not games:
        raise InputError("games", "none", "give at least one game")
    positive("step", step)
    for name, value in (("rounds", rounds), ("batch", batch), ("plays", plays)):
        whole_number(name, value, minimum=1)
    if inside("floor", floor) >= 0.5:
        raise InputError("floor", floor, "expected below 0.5: a floor under both choices")
    table, size = _Table.of(games), (len(games), plays)
    solver = _Learner(np.full(size, logit(inside("start[0]", start[0]))), step, floor)
    auditor = _Learner(np.full(size, logit(inside("start[1]", start[1]))), step, floor)
    given = None if detection is None else np.broadcast_to(_detected(detection, len(games)), size)
    aligned, audited = np.empty((rounds + 1, *size)), np.empty((rounds + 1, *size))
    aligned[0], audited[0] = solver.chance, auditor.chance if given is None else given
    for t in range(rounds):
        rng = generator(seed, round=t, agent=-1, purpose="inspection game")
        solver.learn(*table.solver(rng, solver.chance, audited[t], batch))
        aligned[t + 1], audited[t + 1] = solver.chance, audited[t]
        if given is None:
            auditor.learn(*table.auditor(rng, solver.chance, audited[t], batch))
            audited[t + 1] = auditor.chance
    return SampledPath(read_only(aligned), read_only(audited))


def _detected(detection: ArrayLike, games: int) -> Array:
    """Shares by game, (G, 1)."""
    shares = np.asarray(detection, np.float64)
    if shares.shape not in ((), (games,)) or not ((shares >= 0) & (shares <= 1)).all():
        raise InputError("detection", shorten(detection), f"expected a share from 0 to 1, or {games} of them")
    return np.broadcast_to(shares, (games,))[:, None]


class _Learner:
    """One side of every play: the logit of its first choice, (G, S), and what it earned last time."""

    def __init__(self, logits: Array, step: float, floor: float) -> None:
        self._logits, self._step, self._edge = logits, step, float(logit(1 - floor))
        self._earned: Array = np.zeros_like(logits)

    @property
    def chance(self) -> Array:
        """Probability of the first choice, (G, S)."""
        chance: Array = expit(self._logits)
        return chance

    def learn(self, paid: Array, count: Counts) -> None:
        """Move by what each choice was paid in total and how often it was made, (2, G, S) both."""
        weight = np.stack([1 / self.chance, -1 / (1 - self.chance)])
        batch = count.sum(axis=0)
        rise = ((paid - count * self._earned) * weight).sum(axis=0) / batch
        self._logits = np.clip(self._logits + self._step * rise, -self._edge, self._edge)
        self._earned = paid.sum(axis=0) / batch


@dataclass(frozen=True, eq=False)
class _Table:
    """Rewards by game, (G, 1) each; found: chance of a verdict "misaligned" by intention, (2, G, 1)."""

    aligned: Array
    stake: Array
    catch: Array
    false_positive: Array
    audit_cost: Array
    private_gain: Array
    check_rate: Array
    miss: Array
    found: Array

    @classmethod
    def of(cls, games: Sequence[InspectionGame]) -> _Table:
        names = [one.name for one in fields(cls) if one.name != "found"]
        kinds = ("suspicion_aligned", "suspicion_misaligned")
        return cls(
            **{name: np.array([getattr(game, name) for game in games])[:, None] for name in names},
            found=np.array([[[getattr(game.noise, kind)] for game in games] for kind in kinds]),
        )

    def _verdicts(self, rng: np.random.Generator, p: Array, q: Array, batch: int) -> tuple[Counts, ...]:
        """Outputs meant to align and not, (2, G, S); of these audited, found in audits, found in random checks."""
        meant = rng.binomial(batch, p)
        outputs = np.stack([meant, batch - meant])
        looked = rng.binomial(outputs, q)
        checked = rng.binomial(outputs - looked, self.check_rate)
        return outputs, looked, rng.binomial(looked, self.found), rng.binomial(checked, self.found)

    def solver(self, rng: np.random.Generator, p: Array, q: Array, batch: int) -> tuple[Array, Counts]:
        """Payments for aligning and for not, and how often each was done, (2, G, S) both."""
        outputs, _, caught, checked = self._verdicts(rng, p, q, batch)
        gain = np.stack([np.zeros_like(self.private_gain), self.private_gain])
        return outputs * (self.aligned + gain) - self.stake * (caught + checked), outputs

    def auditor(self, rng: np.random.Generator, p: Array, q: Array, batch: int) -> tuple[Array, Counts]:
        """Payments for auditing and for not, and how often each was done, (2, G, S) both."""
        _, looked, caught, checked = (each.sum(axis=0) for each in self._verdicts(rng, p, q, batch))
        audits = self.catch * caught - self.false_positive * (looked - caught) - self.audit_cost * looked
        return np.stack([audits, -self.miss * checked]), np.stack([looked, batch - looked])
