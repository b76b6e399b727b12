"""The shape of studies of language models, and of a model taken from a hub."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


@dataclass
class LanguageStudyConfig:
    """A study of language models; parts are made by the study, which knows what they need.

    Attributes:
        estimator: How a, C and S are made.
        draws: Bootstrap draws behind every interval.
        seed: Of the bootstrap.
        threshold: Weight below which a group counts as excluded.
        points: Points along each axis of a map, from 0.01 to 100.
        readings: Folder where answers are kept; null for the user's cache folder.
    """

    _target_: str = MISSING
    _recursive_: bool = False
    estimator: Any = "${estimate}"
    draws: int = MISSING
    seed: int = "${run.seed}"  # type: ignore[assignment]
    threshold: float = 0.05
    points: int = MISSING
    readings: str | None = None


@dataclass
class BesidePeopleConfig(LanguageStudyConfig):
    """A study of one language model beside real people."""

    subpopulations: Any = "${subpopulations}"
    language: Any = "${language}"
    data: Any = "${data}"


@dataclass
class OneGroupConfig(LanguageStudyConfig):
    """A study of one of a language model's groups."""

    subpopulations: Any = "${subpopulations}"
    language: Any = "${language}"
    group: str = MISSING


@dataclass
class RestoredConfig:
    """A study that plays at the present incentives and at those a lever gives.

    Attributes:
        group: The group that shall be won back.
        coefficient: The lever: one coefficient, or null for all together.
        target: Weight that every group shall have under the lever.
        threshold: Weight below which a group counts as excluded.
    """

    _target_: str = "experiments.studies.restored.Restored"
    _recursive_: bool = False
    subpopulations: Any = "${subpopulations}"
    language: Any = "${language}"
    game: Any = "${game}"
    platform: Any = "${platform}"
    payoffs: Any = "${payoffs}"
    dynamics: Any = "${dynamics}"
    verdict: Any = "${verdict}"
    seed: int = "${run.seed}"  # type: ignore[assignment]
    seeds: int = "${run.seeds}"  # type: ignore[assignment]
    group: str = MISSING
    coefficient: str | None = None
    target: float = MISSING
    threshold: float = 0.05


@dataclass
class VariantConfig:
    """One model of a table.

    Attributes:
        label: Its name there.
        subpopulations: Its population.
        language: The language model.
        thinks_as: Name of the variant that is the same model without thinking; null if there is none.
    """

    label: str = MISSING
    subpopulations: Any = MISSING
    language: Any = MISSING
    thinks_as: str | None = None


@dataclass
class ModelsConfig(LanguageStudyConfig):
    """A study of several language models, by name."""

    variants: dict[str, VariantConfig] = field(default_factory=dict)


@dataclass
class HubConfig:
    """A model by folder, or by its name on a hub.

    Attributes:
        model: Folder with safetensors weights, or the name on the hub: then it is downloaded once.
        revision: Commit on the hub; null for the newest.
        backend: As of the packaged model.
        dtype: As of the packaged model.
        max_restarts: As of the packaged model.
        timeout: As of the packaged model.
    """

    _target_: str = "experiments.studies.language.hub.hub"
    model: str = MISSING
    revision: str | None = None
    backend: str = MISSING
    dtype: str = MISSING
    max_restarts: int = MISSING
    timeout: float = MISSING


LANGUAGE_STUDIES: dict[str, type] = {
    "language_beside_people": BesidePeopleConfig,
    "language_group": OneGroupConfig,
    "language_models": ModelsConfig,
    "restored": RestoredConfig,
}
