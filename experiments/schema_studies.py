"""The shape of conf/data, conf/estimate and of every study: which data, which estimators, which settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING

from agents.subpopulations.sources.respondent_form import MISSING as MISSING_CELLS


@dataclass
class FileConfig:
    """A loader that is called when the study starts.

    Attributes:
        path: The user's own copy; null where the loader gets the data itself.
    """

    _target_: str = MISSING
    _partial_: bool = True
    path: str | None = None


@dataclass
class GroupedFileConfig(FileConfig):
    """A survey with several ways to make groups."""

    grouping: str = MISSING


@dataclass
class D3CodeConfig(FileConfig):
    """Raters by one of their columns."""

    group: str = MISSING


@dataclass
class GlobalOpinionsConfig(FileConfig):
    """Countries as groups.

    Attributes:
        countries: At least two, as the file spells them.
        survey: "WVS", "GAS", or null for both.
        shares: Population share by country; null: all the same.
    """

    countries: list[str] = MISSING
    survey: str | None = None
    shares: Any = None


@dataclass
class OwnFileConfig(FileConfig):
    """The user's own table, in long form or with a row per respondent.

    Attributes:
        path: CSV, Parquet, Stata or a saved dataset.
        group: Column of the group, or several to cross.
        weight: Column of the weights; null: `weight` if there is one.
        questions: Columns of the questions; null for all others.
        options: Pairs of a question's column and its options in order; null for those that occur.
        ordinal: Columns whose options are ordered.
        missing: Cells that mean no answer.
        encoding: Of a text file.
        split: Of a saved dataset with several.
    """

    path: str = MISSING
    group: Any = "group"
    weight: str | None = None
    questions: list[str] | None = None
    options: Any = None
    ordinal: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=lambda: list(MISSING_CELLS))
    encoding: str = "utf-8"
    split: str = "train"


@dataclass
class EstimatorConfig:
    """Which estimator makes which term; the files in conf/estimate/* name them."""

    _target_: str = "sim.estimation.GameEstimator"
    attractiveness: Any = MISSING
    inconsistency: Any = MISSING
    similarity: Any = MISSING
    features: Any = MISSING
    normalisation: Any = MISSING


@dataclass
class FunctionConfig:
    """An estimator without settings, by its place."""

    _target_: str = "experiments.studies.estimators.function"
    path: str = MISSING


@dataclass
class DebiasedConfig:
    """An estimator of C from answers.

    Attributes:
        debias: Whether the expected effect of few respondents is taken out; needs their numbers.
    """

    _target_: str = MISSING
    _partial_: bool = True
    debias: bool = False


@dataclass
class ActivityConfig:
    """a from posts.

    Attributes:
        posts: Posts by group.
        per_person: Whether they are what one member writes.
    """

    _target_: str = "sim.estimation.Activity"
    posts: Any = MISSING
    per_person: bool = False


@dataclass
class CovarianceConfig:
    """C over paraphrases.

    Attributes:
        topics: Topic of each question, in the order of the table.
    """

    _target_: str = "sim.estimation.Covariance"
    topics: list[str] = MISSING


@dataclass
class RetestConfig:
    """C from people asked twice.

    Attributes:
        first: Loader of the answers that are studied.
        second: Loader of the second answers.
    """

    _target_: str = "experiments.studies.estimators.retest"
    first: Any = "${data}"
    second: Any = MISSING


@dataclass
class TextsConfig:
    """An estimator that reads the options' texts."""

    _target_: str = MISSING
    data: Any = "${data}"


@dataclass
class StudyConfig:
    """A study of one data set.

    Attributes:
        data: The loader.
        estimator: How a, C and S are made.
        draws: Bootstrap draws behind every interval.
        seed: Of the bootstrap.
        threshold: Weight below which a group counts as excluded.
    """

    _target_: str = MISSING
    data: Any = "${data}"
    estimator: Any = "${estimate}"
    draws: int = MISSING
    seed: int = "${run.seed}"  # type: ignore[assignment]
    threshold: float = 0.05


@dataclass
class MapStudyConfig(StudyConfig):
    """A study with maps.

    Attributes:
        points: Points along each axis of a map, from 0.01 to 100.
    """

    points: int = MISSING


@dataclass
class AuditConfig(StudyConfig):
    """An audit; the current incentives and the number of accounts are those of `game` and `platform`.

    Attributes:
        confidence: Share of the draws that counts as sure.
        points: Points along each axis of a map and along a sweep.
        draw_points: The same where every draw is solved.
    """

    _target_: str = "experiments.studies.audit.Audit"
    incentives: Any = MISSING
    accounts: int = "${platform.accounts}"  # type: ignore[assignment]
    confidence: float = 0.95
    points: int = MISSING
    draw_points: int = MISSING


@dataclass
class ManyStudyConfig(MapStudyConfig):
    """A study of several data sets.

    Attributes:
        data: Loaders by name.
        shuffles: Permutations behind a p-value.
    """

    data: dict[str, Any] = field(default_factory=dict)
    shuffles: int = MISSING


@dataclass
class GovernanceConfig(MapStudyConfig):
    """A comparison of two values of diversity.

    Attributes:
        group: The focal group; null for the one excluded under most incentives.
        diversity: The value that is compared with 0.
    """

    group: str | None = None
    diversity: float = MISSING


@dataclass
class BoundaryConfig(MapStudyConfig):
    """A map with boundary equilibria.

    Attributes:
        checked: White cells whose equilibrium is certified.
    """

    checked: int = MISSING


@dataclass
class OneGroupConfig(StudyConfig):
    """A study of one group.

    Attributes:
        group: Its name.
    """

    group: str = MISSING


@dataclass
class RobustnessConfig:
    """A study of every reading of one data set.

    Attributes:
        data: The loader.
        estimator: The default reading.
        accounts: Number of accounts where crowding is summed over the others.
        threshold: Weight below which a group counts as excluded.
        points: Points along bI and along a slice.
    """

    _target_: str = MISSING
    data: Any = "${data}"
    estimator: Any = "${estimate}"
    accounts: int = "${platform.accounts}"  # type: ignore[assignment]
    threshold: float = 0.05
    points: int = MISSING


DATA: dict[str, type] = {
    "file": FileConfig,
    "grouped": GroupedFileConfig,
    "d3code": D3CodeConfig,
    "globalopinionqa": GlobalOpinionsConfig,
    "own": OwnFileConfig,
}
ESTIMATE: dict[str, type] = {
    "estimator": EstimatorConfig,
    "function": FunctionConfig,
    "debiased": DebiasedConfig,
    "activity": ActivityConfig,
    "covariance": CovarianceConfig,
    "retest": RetestConfig,
    "texts": TextsConfig,
}
STUDIES: dict[str, type] = {
    "maps": MapStudyConfig,
    "many": ManyStudyConfig,
    "governance": GovernanceConfig,
    "boundary": BoundaryConfig,
    "one_group": OneGroupConfig,
    "robustness": RobustnessConfig,
    "audit": AuditConfig,
}
