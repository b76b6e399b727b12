"""Motion near the mixed equilibrium: a centre, and what keeps learners on it, throws them off it or draws them in.

Coordinates are the logits x of p and y of q. Learners who follow their payoff with multiplicative weights move by
dx/dt = I1(q), dy/dt = I2(p).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np

from sim.arrays import Array, non_negative, positive, read_only
from sim.oversight.checks import inside
from sim.oversight.inspection_game import InspectionGame
from sim.oversight.statics import require_mixed

OPTIMISTIC_LIMIT = 1 / math.sqrt(3)


@dataclass(frozen=True)
class Motion:
    """Linearised motion at the mixed equilibrium.

    Attributes:
        jacobian: In (x, y), shape (2, 2); per unit of time.
        omega: Angular frequency of the centre without feedback.
        period: Time of one small turn, 2 pi / omega.
        damping: Rate at which small turns shrink; 0 at a centre.
    """

    jacobian: Array
    omega: float
    period: float
    damping: float


def linearise(game: InspectionGame, *, feedback: float = 0.0) -> Motion:
    """Jacobian at the mixed equilibrium: [[-k c, s1 q(1-q)], [-s2 p(1-p), 0]], c = (Omega/(r_A - r_M)) p(1-p).

    s1 = dI1/dq, s2 = -dI2/dp (theory of the oversight game, section 1, "stability"; derived).

    Args:
        game: A game with a mixed equilibrium.
        feedback: k >= 0, in units of reward: the stake becomes r_A - r_M - k (p - p*). It moves no equilibrium.

    Raises:
        InputError: Bad `feedback`, or no mixed equilibrium.

    >>> game = InspectionGame(
    ...     aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5
    ... )
    >>> round(linearise(game).period, 3), linearise(game).damping
    (16.793, 0.0)
    """
    here = require_mixed(game)
    spread = here.aligned * (1 - here.aligned), here.audited * (1 - here.audited)
    pull = non_negative("feedback", feedback) * game.private_gain / game.stake * spread[0]
    jacobian = np.array([[-pull, game.deterrence_slope * spread[1]], [-game.audit_slope * spread[0], 0.0]])
    omega = math.sqrt(-jacobian[0, 1] * jacobian[1, 0])
    slowest = max((-pull + sign * cmath.sqrt(pull**2 - 4 * omega**2)).real / 2 for sign in (1, -1))
    return Motion(read_only(jacobian), omega, 2 * math.pi / omega, 0.0 if pull == 0 else -slowest)


def conserved(game: InspectionGame, aligned: float, audited: float) -> float:
    """H = s1 (log(1 + e^y) - q* y) + s2 (log(1 + e^x) - p* x), constant in continuous time, least at rest (derived).

    The same number is s1 times the cross-entropy of q* and q plus s2 times that of p* and p.

    State feedback makes it fall at the rate k c s2 (p - p*)^2 with c > 0: every orbit then ends at the equilibrium.

    Raises:
        InputError: p or q is not strictly between 0 and 1, or there is no mixed equilibrium.
    """
    here = require_mixed(game)
    total = 0.0
    for field, value, rest, slope in (
        ("audited", audited, here.audited, game.deterrence_slope),
        ("aligned", aligned, here.aligned, game.audit_slope),
    ):
        played = inside(field, value)
        total -= slope * (rest * math.log(played) + (1 - rest) * math.log1p(-played))
    return total


def simultaneous_growth(game: InspectionGame, step: float) -> float:
    """Factor per round by which simultaneous learners leave the equilibrium, sqrt(1 + omega^2 h^2) > 1 (derived)."""
    return math.hypot(1.0, _turn(game, step))


def alternating_growth(game: InspectionGame, step: float) -> float:
    """Factor per round of learners who take turns: 1 for omega h <= 2, the larger root beyond (derived).

    The eigenvalues solve l^2 - (2 - omega^2 h^2) l + 1 = 0. A phase of n steps while the other rests is one step n h.
    """
    half = 1 - _turn(game, step) ** 2 / 2
    return max(abs(half + sign * cmath.sqrt(half**2 - 1)) for sign in (1, -1)) if half < -1 else 1.0


def optimistic_growth(game: InspectionGame, step: float) -> float:
    """Factor per round of optimistic learners: below 1 iff omega h < 1/sqrt(3) (derived).

    They follow twice the present margin less the last one: l^2 - (1 + 2 i omega h) l + i omega h = 0.
    """
    turn = _turn(game, step)
    root = cmath.sqrt(1 - 4 * turn**2)
    return max(abs(1 + 2j * turn + sign * root) / 2 for sign in (1, -1))


def _turn(game: InspectionGame, step: float) -> float:
    return linearise(game).omega * positive("step", step)
