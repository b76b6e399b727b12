"""The shape of studies of platforms that push back: audience, tastes, ranking and accounts that move together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


@dataclass
class RatesConfig:
    """Share of the way each part goes in a round, 0 to 1; accounts null: always at equilibrium."""

    _target_: str = "sim.coevolution.Rates"
    audience: float = MISSING
    taste: float = 0.0
    ranking: float = 0.0
    accounts: float | None = None


@dataclass
class RankingConfig:
    """How the ranking retunes its weight on attractiveness.

    Attributes:
        sharpness: Lean per unit of engagement gained per unit of log weight.
        span: Largest lean, in units of log weight.
        probe: Half width of the test on both sides.
        foresight: Share of the audience that is counted as it will be, 0 to 1.
    """

    _target_: str = "sim.coevolution.Ranking"
    sharpness: float = 10.0
    span: float = 1.0
    probe: float = 0.05
    foresight: float = 0.0


@dataclass
class CoevolutionConfig:
    """A study of a platform that pushes back.

    Attributes:
        data: The loader.
        estimator: How C and S are made.
        incentives: Published coefficients.
        accounts: Number of accounts M.
        openness: Share of innate tastes that comes from agreement on the answers; the rest is for one's own voice.
        outside: Service at which half of a group stays, in engagements per post read.
        temperature: How much service it takes to change minds.
        susceptibility: Share of tastes that comes from what is shown.
        parameter: Name of the parameter that is varied.
        low: Its least value.
        high: Its largest.
        seed: Of every draw.
    """

    _target_: str = MISSING
    data: Any = "${data}"
    estimator: Any = "${estimate}"
    incentives: Any = MISSING
    accounts: int = "${platform.accounts}"  # type: ignore[assignment]
    openness: float = 0.0
    outside: float = MISSING
    temperature: float = MISSING
    susceptibility: float = 0.0
    rates: RatesConfig = field(default_factory=RatesConfig)
    ranking: RankingConfig = field(default_factory=RankingConfig)
    parameter: str = "attractiveness"
    low: float = MISSING
    high: float = MISSING
    seed: int = "${run.seed}"  # type: ignore[assignment]


@dataclass
class TippingPointConfig(CoevolutionConfig):
    """A tipping point and a hysteresis loop.

    Attributes:
        searched: Values of the parameter at which all fixed points are searched.
        starts_per_search: Starts of each search.
        rounds: Rounds of the sweeps of the map, each way.
        members: People in the finite audience.
        member_rounds: Rounds of its sweeps, each way.
        seeds: Finite audiences.
        tolerance: Largest distance that counts as agreement, in units of the parameter.
    """

    searched: list[float] = MISSING
    starts_per_search: int = MISSING
    rounds: list[int] = MISSING
    members: int = MISSING
    member_rounds: int = MISSING
    seeds: int = MISSING
    tolerance: float = MISSING


@dataclass
class SideBySideConfig(CoevolutionConfig):
    """Static prediction against dynamic outcome.

    Attributes:
        threshold: Weight below which a voice counts as excluded.
        points: Values of the parameter.
        starts_per_search: Starts of each search.
        searched: Values of the parameter at which all fixed points are searched.
    """

    threshold: float = 0.05
    points: int = MISSING
    starts_per_search: int = MISSING
    searched: list[float] = MISSING


COEVOLUTION_STUDIES: dict[str, type] = {"tipping_point": TippingPointConfig, "coevolution": SideBySideConfig}
