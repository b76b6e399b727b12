"""Becker's rational offender: the one-sided case, in which detection is a number and nobody decides to audit."""

from __future__ import annotations

from dataclasses import dataclass

from sim.arrays import non_negative
from sim.oversight.checks import share


@dataclass(frozen=True, kw_only=True)
class Deterrence:
    """An offender who compares a private gain with an expected penalty.

    Source: Becker (1968); theory of the oversight game, section 1.

    Attributes:
        gain: What the offence is worth to the offender, >= 0, in units of reward.
        penalty: What detection costs, >= 0, in the same units.
        detection: Probability of detection, between 0 and 1.

    Raises:
        InputError: At construction, for any of the conditions above; the message names the field.

    >>> Deterrence(gain=0.5, penalty=2.0, detection=0.2).offends
    True
    >>> Deterrence(gain=0.5, penalty=2.0, detection=0.2).deterring_detection
    0.25
    """

    gain: float
    penalty: float
    detection: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "gain", non_negative("gain", self.gain))
        object.__setattr__(self, "penalty", non_negative("penalty", self.penalty))
        object.__setattr__(self, "detection", share("detection", self.detection))

    @property
    def offends(self) -> bool:
        """Whether gain > detection x penalty; an indifferent offender stays honest."""
        return self.gain > self.detection * self.penalty

    @property
    def deterring_detection(self) -> float:
        """Least probability of detection that deters, gain / penalty; above 1 (or infinite): no audit rate deters."""
        if self.gain == 0:
            return 0.0
        return self.gain / self.penalty if self.penalty else float("inf")

    @property
    def deterring_penalty(self) -> float:
        """Least penalty that deters at this detection, gain / detection; infinite if nothing is ever detected."""
        if self.gain == 0:
            return 0.0
        return self.gain / self.detection if self.detection else float("inf")
