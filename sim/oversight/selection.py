"""The selection game: which kind of model a principal keeps who copies what looks best under audits.

Kinds: aligned, cautious (misaligned unless it sees an audit coming) and misaligned. The definition is this project's;
its payments are those of the inspection game.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit, softmax

from sim.arrays import Array, finite_array, non_negative, positive, read_only, whole_number
from sim.errors import InputError
from sim.oversight.checks import inside, share
from sim.oversight.inspection_game import InspectionGame

KINDS = ("aligned", "cautious", "misaligned")


class Window(NamedTuple):
    """Audit rates at which the cautious are paid most: strictly between the two; none if low >= high."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Rest:
    """A rest point of selection and audits.

    Attributes:
        shares: Of the kinds, in the order of `KINDS`, (3,).
        audited: q.
        kinds: Names of those that are there.
        stable: Whether no absent kind can enter, and play stays near: at a mixture on a centre, at one kind for good.
    """

    shares: Array
    audited: float
    kinds: tuple[str, ...]
    stable: bool


@dataclass(frozen=True, kw_only=True)
class SelectionGame:
    """Kinds of solver grow with what they are paid; the auditor learns as in the inspection game.

    Let L = D (r_A - r_M). Beside the aligned at an audit rate q, the misaligned earn Omega - (q + (1-q) rho) L, the
    cautious (1-q)(Omega - rho L) + q (1-s)(Omega - L) - c: random checks can't be foreseen (all of this is derived).

    Attributes:
        game: The payments.
        foresight: s, probability that a cautious model sees an audit coming, 0 to 1.
        caution_cost: c >= 0, what watching for audits costs it per output, in units of reward.

    Raises:
        InputError: At construction, for any of the conditions above; the message names the field.

    >>> game = InspectionGame(
    ...     aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5
    ... )
    >>> for rest in SelectionGame(game=game, foresight=0.8, caution_cost=0.1).rest_points():
    ...     if rest.stable:
    ...         print(rest.kinds, rest.shares.round(3).tolist(), round(rest.audited, 3))
    ('cautious', 'misaligned') [0.0, 0.667, 0.333] 0.083
    """

    game: InspectionGame
    foresight: float
    caution_cost: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "foresight", share("foresight", self.foresight))
        object.__setattr__(self, "caution_cost", non_negative("caution_cost", self.caution_cost))

    def aligns(self) -> Array:
        """Chance that each kind aligns an output that is audited, and one that is not, (3, 2)."""
        return read_only(np.array([[1.0, 1.0], [self.foresight, 0.0], [0.0, 0.0]]))

    def fitness(self, audited: float) -> Array:
        """What each kind is paid per output at an audit rate q, (3,): from the solver's table of payments."""
        q = share("audited", audited)
        align, misalign = self.game.solver_payoffs()
        chances = self.aligns()
        paid = (chances * align + (1 - chances) * misalign) @ np.array([q, 1 - q])
        return np.asarray(paid - self.caution_cost * np.array([0.0, 1.0, 0.0]))

    def audit_margin(self, shares: ArrayLike) -> float:
        """What auditing earns beside not auditing, I2, at shares of the kinds, (3,)."""
        aligned = np.asarray(shares, np.float64) @ self.aligns()
        noise, game = self.game.noise, self.game
        found, overlooked = noise.suspicion_misaligned - noise.discrimination * aligned
        paid = found * (game.catch + game.false_positive) - game.false_positive - game.audit_cost
        return float(paid + overlooked * game.check_rate * game.miss)

    def cautious_window(self) -> Window:
        """Audit rates that select the cautious, from c/(s (L - Omega)) on.

        The upper end is (Omega - rho L - c)/(Omega - rho L + (1-s)(L - Omega)): once c + rho L >= Omega, random checks
        leave them no room. Where audits do not deter (L <= Omega) caution is pointless: low is infinite.
        """
        loss = self.game.noise.discrimination * self.game.stake
        spared, gain = loss - self.game.private_gain, self.game.private_gain - self.game.check_rate * loss
        worth = self.foresight * spared
        if worth <= 0:
            return Window(float("inf"), 0.0)
        return Window(self.caution_cost / worth, (gain - self.caution_cost) / (gain + (1 - self.foresight) * spared))

    def rest_points(self) -> tuple[Rest, ...]:
        """Rest points of `motion`: one kind at q = 0 or 1, two kinds at the q that pays them alike; generic games."""
        pure = [
            Rest(read_only(np.eye(3)[k]), q, (KINDS[k],), self._pure(k, q)) for k, q in product(range(3), (0.0, 1.0))
        ]
        mixed = (self._mixed(one, two) for one, two in combinations(range(3), 2))
        return (*pure, *(rest for rest in mixed if rest is not None))

    def motion(self, start: ArrayLike, audited: float, *, step: float, rounds: int) -> tuple[Array, Array]:
        """Selection and audits in turns: log shares grow by h times pay, then logit(q) by h I2 of the new shares.

        Args:
            start: Shares of the kinds, (3,), all above zero.
            audited: q at the start, strictly between 0 and 1.
            step: h > 0, per unit of reward.
            rounds: Rounds >= 1.

        Returns:
            Shares (rounds + 1, 3) and q (rounds + 1,).

        Raises:
            InputError: For any of the conditions above.
        """
        shares = finite_array("start", start, ndim=1)
        if shares.shape != (3,) or (shares <= 0).any() or abs(shares.sum() - 1) > 1e-9:
            raise InputError("start", shares.tolist(), "expected three shares above zero that sum to one")
        h, y = positive("step", step), float(logit(inside("audited", audited)))
        logs, kinds, rates = np.log(shares), [shares], [float(expit(y))]
        for _ in range(whole_number("rounds", rounds, minimum=1)):
            logs = logs + h * self.fitness(rates[-1])
            kinds.append(softmax(logs))
            y += h * self.audit_margin(kinds[-1])
            rates.append(float(expit(y)))
        return np.array(kinds), np.array(rates)

    def _pure(self, kind: int, audited: float) -> bool:
        paid, margin = self.fitness(audited), self.audit_margin(np.eye(3)[kind])
        return bool((paid[kind] > np.delete(paid, kind)).all() and (margin > 0) == (audited == 1) and margin != 0)

    def _mixed(self, one: int, two: int) -> Rest | None:
        """The rest point of two kinds, if there is one with all of it strictly inside."""
        lead = [self.fitness(q)[one] - self.fitness(q)[two] for q in (0.0, 1.0)]
        worth = [self.audit_margin(np.eye(3)[kind]) for kind in (one, two)]
        if lead[0] * lead[1] >= 0 or worth[0] * worth[1] >= 0:
            return None
        audited, x = lead[0] / (lead[0] - lead[1]), worth[1] / (worth[1] - worth[0])
        shares = np.zeros(3)
        shares[[one, two]] = x, 1 - x
        paid = self.fitness(audited)
        # A centre where audits favour the kind that spoils them; a saddle where it is the other way round.
        turns = (lead[1] > lead[0]) != (worth[0] > worth[1])
        other = ({0, 1, 2} - {one, two}).pop()
        return Rest(read_only(shares), audited, (KINDS[one], KINDS[two]), bool(turns and paid[other] < paid[one]))
