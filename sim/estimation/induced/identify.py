"""Which coefficients a log can tell, and in words why it can't tell the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.induced.clustered import Regression
from sim.estimation.induced.columns import Columns
from sim.estimation.induced.log import PlayLog
from sim.simplex import tangent_basis

Status = Literal["told", "weakly told", "not told"]

WEAK = 100.0
"""Variance inflation above which a coefficient counts as weakly told: its error is more than ten times that of
uncorrelated columns."""
_STILL = 1e-8
"""Mixtures that move by less than this (root mean square) do not vary; spreads below 1e-6 of the largest neither."""

_LOST = 1e-4
"""A direction that is not identified concerns a part where it has more than this share of itself there."""

_MEANING = {
    "attractiveness": "attractiveness",
    "inconsistency": "inconsistency",
    "crowding": "crowding by others",
    "nuisance": "an effect of the others' mixtures whatever one plays",
}


class NotIdentifiedError(InputError):
    """The log can't tell what was asked of it; `remedy` says why and what would."""


class Told(NamedTuple):
    """What the log tells of one part of the utility.

    Attributes:
        part: "attractiveness", "inconsistency", "crowding" or "nuisance".
        status: "told", "weakly told" or "not told" (any of its coefficients decides).
        identified: Independent combinations of its coefficients that are identified.
        coefficients: Coefficients there are.
        inflation: Largest variance inflation factor; inf where not identified.
        why: What stands in the way, in words; "" where told.
    """

    part: str
    status: Status
    identified: int
    coefficients: int
    inflation: float
    why: str

    def sentence(self) -> str:
        """One line for a report."""
        count = f"{self.identified} of {self.coefficients} coefficients"
        if self.status == "told":
            return f"{self.part}: told ({count}, variance inflation {self.inflation:.3g})."
        inflation = "" if np.isinf(self.inflation) else f", variance inflation {self.inflation:.3g}"
        return f"{self.part}: {self.status} ({count}{inflation}): {self.why}."


@dataclass(frozen=True)
class Identification:
    """What a log can tell, part by part.

    Attributes:
        parts: One entry per part that was asked for.
        own_directions: Directions in which an account's own mixture varied, of D - 1.
        met_directions: Directions in which what accounts met varied, of D - 1.
        directions: D - 1.
        alike: Whether accounts played alike in every round.
    """

    parts: tuple[Told, ...]
    own_directions: int
    met_directions: int
    directions: int
    alike: bool

    def __getitem__(self, part: str) -> Told:
        """What is told of one part."""
        return next(told for told in self.parts if told.part == part)

    def require(self, *parts: str) -> None:
        """Refuse to go on where a part is not told.

        Raises:
            NotIdentifiedError: Names the parts and why.
        """
        lacking = [self[part] for part in parts if self[part].status == "not told"]
        if lacking:
            why = "; ".join(f"{told.part}: {told.why}" for told in lacking)
            remedy = f"{why}. Play mixtures that vary apart from each other, as exploration() makes them"
            raise NotIdentifiedError("log", "not told: " + ", ".join(told.part for told in lacking), remedy)

    def sentences(self) -> tuple[str, ...]:
        """The whole finding, a line a part."""
        return tuple(told.sentence() for told in self.parts)


def identification(log: PlayLog, columns: Columns, regression: Regression) -> Identification:
    """Say what the fitted columns identify, from singular values and variance inflation factors.

    A coefficient is "not told" where it has a part along a direction of the scaled columns whose singular value is
    below 1e-6 of the largest, "weakly told" where its variance inflation factor exceeds 100.

    Args:
        log: The log.
        columns: What was fitted.
        regression: The fit.

    Raises:
        NotIdentifiedError: Nothing but the nuisance is told.
    """
    basis = tangent_basis(log.dimension)
    own, met = log.mixtures @ basis, log.others @ basis
    number = np.maximum(log.others.sum(axis=1, keepdims=True), 1e-300)
    alike = float(np.sqrt(np.mean((own - met / number) ** 2))) <= _STILL
    facts = (_directions(own), _directions(met), log.dimension - 1, alike)
    parts = tuple(
        _told(part, columns, regression, facts) for part in dict.fromkeys(columns.parts) if part != "nuisance"
    )
    if "nuisance" in columns.parts:
        parts += (_told("nuisance", columns, regression, facts),)
    found = Identification(parts, *facts)
    if not any(told.identified for told in parts if told.part != "nuisance"):
        found.require(*(told.part for told in parts if told.part != "nuisance"))
    return found


def _told(part: str, columns: Columns, regression: Regression, facts: tuple[int, int, int, bool]) -> Told:
    place = columns.of(part)
    lost = np.linalg.svd(regression.null[place], compute_uv=False) if regression.null.size else np.zeros(0)
    known = place.size - int(np.sum(lost > _LOST))
    inflation = float(regression.inflation[place].max())
    status: Status = "told" if inflation <= WEAK else "weakly told"
    if not regression.identified[place].all():
        status = "not told"
    why = "" if status == "told" else _why(part, columns, regression, facts)
    return Told(part, status, known, place.size, inflation, why)


def _why(part: str, columns: Columns, regression: Regression, facts: tuple[int, int, int, bool]) -> str:
    own, met, directions, alike = facts
    reasons = []
    if own == 0:
        reasons.append("no account ever changed its mixture and all play the same")
    elif own < directions:
        reasons.append(
            "own mixtures varied along a line only"
            if own == 1
            else f"own mixtures varied in {own} of {directions} directions only"
        )
    if part in ("crowding", "nuisance") and met < directions:
        reasons.append(
            "the others' mixtures never varied"
            if met == 0
            else f"the others' mixtures varied in {met} of {directions} directions only"
        )
    if alike and own:
        reasons.append("accounts play alike in every round, so what one plays and what one meets are the same")
    partners = _partners(part, columns, regression)
    if partners:
        reasons.append(f"it moves together with {' and '.join(_MEANING[name] for name in partners)}")
    return "; ".join(reasons) or "its columns move together"


def _partners(part: str, columns: Columns, regression: Regression) -> list[str]:
    """Other parts without which this one would be told better: those its columns are combinations of."""
    place = columns.of(part)
    lost = place[~regression.identified[place]]
    share: dict[str, float] = {}
    for other in dict.fromkeys(columns.parts):
        if other == part:
            continue
        if lost.size:
            overlap = regression.null[columns.of(other)] @ regression.null[lost].T
            share[other] = float(np.abs(overlap).max(initial=0.0))
        else:
            share[other] = _explained(columns.values[:, place], columns.values[:, columns.of(other)])
    limit = _LOST if lost.size else 0.9
    return [name for name, value in share.items() if value > limit]


def _explained(columns: Array, by: Array) -> float:
    """Largest share of the variance of a column that the others explain."""
    target, source = columns - columns.mean(axis=0), by - by.mean(axis=0)
    if not source.shape[1]:
        return 0.0
    fitted = source @ np.linalg.lstsq(source, target, rcond=1e-6)[0]
    total = np.maximum(np.sum(target**2, axis=0), 1e-300)
    return float((np.sum(fitted**2, axis=0) / total).max())


def _directions(coordinates: Array) -> int:
    centred = coordinates - coordinates.mean(axis=0)
    strength = np.linalg.svd(centred, compute_uv=False) / np.sqrt(max(len(centred), 1))
    return int(np.sum(strength > max(_STILL, 1e-6 * float(strength.max(initial=0.0)))))
