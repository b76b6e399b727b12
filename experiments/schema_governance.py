"""The shape of conf/controller and of the studies of governance: controllers, methods, levers, stress tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING

from experiments.schema_studies import StudyConfig


@dataclass
class ControllerConfig:
    """A maker of fresh controllers."""

    _target_: str = MISSING
    _partial_: bool = True
    _convert_: str = "all"


@dataclass
class FixedConfig(ControllerConfig):
    """A principal who never moves.

    Attributes:
        profile: The levers, as powers of ten of their present values.
    """

    _target_: str = "sim.design.controllers.Fixed"
    profile: list[float] = MISSING


@dataclass
class ThompsonConfig(ControllerConfig):
    """Thompson sampling.

    Attributes:
        arms: Profiles of levers, as powers of ten of their present values.
        discount: Worth of a round one round later.
        noise: Standard deviation of a value.
        prior_mean: Of every arm.
        prior_deviation: Of every arm.
    """

    _target_: str = "sim.design.controllers.DiscountedThompson"
    arms: list[Any] = MISSING
    discount: float = MISSING
    noise: float = MISSING
    prior_mean: float = 0.0
    prior_deviation: float = 1.0


@dataclass
class UcbConfig(ControllerConfig):
    """UCB1.

    Attributes:
        arms: Profiles of levers, as powers of ten of their present values.
        span: Length of an interval that holds all values.
    """

    _target_: str = "sim.design.controllers.Ucb1"
    arms: list[Any] = MISSING
    span: float = MISSING


@dataclass
class ArmsConfig(ControllerConfig):
    """Arms by lot.

    Attributes:
        arms: Profiles of levers, as powers of ten of their present values.
    """

    _target_: str = "sim.design.controllers.UniformSwitching"
    arms: list[Any] = MISSING


@dataclass
class Exp3Config(ArmsConfig):
    """EXP3.

    Attributes:
        exploration: Share of rounds at random.
        least: Least value.
        span: Length of an interval from there that holds all values.
    """

    _target_: str = "sim.design.controllers.Exp3"
    exploration: float = MISSING
    least: float = MISSING
    span: float = MISSING


@dataclass
class BoxConfig(ControllerConfig):
    """A search in a box.

    Attributes:
        low: Least levers, as powers of ten of their present values.
        high: Greatest levers.
    """

    low: list[float] = MISSING
    high: list[float] = MISSING


@dataclass
class ZerothOrderConfig(BoxConfig):
    """A gradient estimated from values; the files in conf/controller name which.

    Attributes:
        step_size: By round or pair, in units of the box.
        detour: Length of the first detour, in units of the box.
        start: Where it starts.
    """

    step_size: Any = MISSING
    detour: float = MISSING
    start: list[float] | None = None


@dataclass
class AskTellConfig(BoxConfig):
    """An optimiser off the shelf.

    Attributes:
        startup: Rounds at random first.
        neighbours: Rounds over which the recommended value is averaged.
    """

    _target_: str = "sim.design.controllers.AskTell"
    startup: int = MISSING
    neighbours: int = MISSING


@dataclass
class FeedbackConfig:
    """What a controller settles on from feedback alone; see `sim.design.FeedbackSearch`."""

    _target_: str = "sim.design.FeedbackSearch"
    controller: Any = MISSING
    rounds: int = "${study.rounds}"  # type: ignore[assignment]
    posts: int = "${study.posts}"  # type: ignore[assignment]
    margin: float = 1.3
    representation: float = 1.0
    diversity: float = 0.1
    cost: float = 0.2


@dataclass
class LeversConfig(StudyConfig):
    """A comparison of ways to choose a lever; the present incentives and the number of accounts are those of a play.

    Attributes:
        incentives: Present coefficients.
        known: Methods that know the game, by name.
        feedback: Methods that see posts only, by name.
        rounds: Rounds that a controller may learn for.
        posts: Posts that it sees a round.
        seeds: Repetitions of each of them.
        points: Points of the front.
    """

    _target_: str = "experiments.studies.governance.LeverStudy"
    _convert_: str = "all"
    incentives: Any = MISSING
    accounts: int = "${platform.accounts}"  # type: ignore[assignment]
    known: dict[str, Any] = field(default_factory=dict)
    feedback: dict[str, FeedbackConfig] = field(default_factory=dict)
    rounds: int = MISSING
    posts: int = MISSING
    seeds: int = MISSING
    points: int = MISSING


@dataclass
class StressConfig(StudyConfig):
    """Stress tests of levers.

    Attributes:
        incentives: Present coefficients.
        margins: The levers that are tested: the smallest changes that give every group so many thresholds; 1 first.
        cheapest: Margin of one more lever, that of least price.
        error: Error of every coefficient that a lever should bear, as a factor.
        bloc: Share of hostile accounts that a lever should bear.
    """

    _target_: str = "experiments.studies.governance.StressStudy"
    _convert_: str = "all"
    incentives: Any = MISSING
    accounts: int = "${platform.accounts}"  # type: ignore[assignment]
    margins: list[float] = MISSING
    cheapest: float = MISSING
    error: float = MISSING
    bloc: float = MISSING


@dataclass
class PlayedLeversConfig:
    """Controllers that tune a platform while it is played.

    Attributes:
        population: Groups with known answers.
        payoffs: Kernels.
        incentives: Published coefficients, where every controller starts to count.
        accounts: Number of accounts.
        posts: Posts an account publishes in a round.
        drafts: Topics on which every group drafts an answer.
        readers: Readers who meet each post.
        dynamics: Learning rule.
        floor: Least weight while learning.
        threshold: Weight below which a group counts as left out.
        price: Of leaving the whole audience out, in units of engagement.
        switching: Uniform switching, the baseline.
        learners: Controllers that learn, by name.
        block: Rounds that a proposal is kept.
        proposals: Number of proposals.
        blocks: Blocks whose values are held against settled ones, in rounds, ascending.
        compared: Proposals of each.
        low: Least levers of the best in closed form, as powers of ten: those of the controllers' box.
        high: Greatest levers.
        tolerance: Difference of values that counts as none.
        seeds: Plays of each controller, at least two.
        seed: First seed.
    """

    _target_: str = "experiments.studies.governance.PlayedLevers"
    _convert_: str = "all"
    population: Any = "${subpopulations}"
    payoffs: Any = "${payoffs}"
    incentives: Any = MISSING
    accounts: int = "${platform.accounts}"  # type: ignore[assignment]
    posts: int = "${platform.posts_per_round}"  # type: ignore[assignment]
    drafts: int = "${platform.drafts_per_round}"  # type: ignore[assignment]
    readers: int = "${platform.readers}"  # type: ignore[assignment]
    dynamics: Any = "${dynamics}"
    floor: float = "${platform.floor}"  # type: ignore[assignment]
    threshold: float = MISSING
    price: float = MISSING
    switching: Any = MISSING
    learners: dict[str, Any] = field(default_factory=dict)
    block: int = MISSING
    proposals: int = MISSING
    blocks: list[int] = MISSING
    compared: int = MISSING
    low: list[float] = MISSING
    high: list[float] = MISSING
    tolerance: float = MISSING
    seeds: int = "${run.seeds}"  # type: ignore[assignment]
    seed: int = "${run.seed}"  # type: ignore[assignment]


CONTROLLERS: dict[str, type] = {
    "fixed": FixedConfig,
    "thompson": ThompsonConfig,
    "ucb": UcbConfig,
    "arms": ArmsConfig,
    "exp3": Exp3Config,
    "zeroth_order": ZerothOrderConfig,
    "ask_tell": AskTellConfig,
}
GOVERNANCE_STUDIES: dict[str, type] = {
    "levers": LeversConfig,
    "stress": StressConfig,
    "played_levers": PlayedLeversConfig,
}
