"""The shape of conf/subpopulations: who the groups are, how they are voiced, how their answers are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


@dataclass
class RecipeConfig:
    """How an adapter is trained.

    Attributes:
        rank: LoRA rank.
        target_modules: Layers that get a low-rank update.
        learning_rate: Peak of a linear warm-up and decay.
        steps: Optimiser steps.
        batch_size: Texts per step.
        length: Tokens a text is padded or cut to.
        seed: Seed of initial weights and text order.
    """

    _target_: str = "agents.subpopulations.training.Recipe"
    rank: int = 2
    target_modules: list[str] = field(default_factory=lambda: ["q_proj", "v_proj"])
    learning_rate: float = 4e-3
    steps: int = 60
    batch_size: int = 8
    length: int = 64
    seed: int = 0


@dataclass
class ThinkingConfig:
    """How a model thinks before it answers.

    Attributes:
        opening: What makes the model think.
        stop: Texts that end a thought.
        closing: What leads from the thought to the answer.
        max_tokens: Longest thought.
        temperature: Sampling temperature of the thought.
    """

    _target_: str = "agents.subpopulations.elicitation.Thinking"
    opening: str = MISSING
    stop: list[str] = MISSING
    closing: str = MISSING
    max_tokens: int = MISSING
    temperature: float = 1.0


@dataclass
class BigFiveConfig:
    """The Big Five trait groups on the packaged model.

    Attributes:
        conditioning: "adapter" or "persona".
        gate_margin: Held-out margin every group must reach, nats per token.
        wordings: Prompts put before a statement when opinions are read.
        recipe: How adapters are trained.
        thinking: How models think before they speak; null to speak at once.
        thoughts: Thoughts per item and wording, if they think.
    """

    _target_: str = "agents.subpopulations.bigfive.population.BigFive"
    conditioning: str = MISSING
    gate_margin: float = MISSING
    wordings: list[str] = MISSING
    recipe: RecipeConfig = field(default_factory=RecipeConfig)
    thinking: ThinkingConfig | None = None
    thoughts: int = 1


@dataclass
class SyntheticPopulationConfig:
    """Groups with known answers, for exact convergence tests.

    Attributes:
        groups: Number of groups.
        questions: Number of questions.
        options: Options per question.
        disagreement: How far groups lie apart: 0 is identical answers.
        seed: Seed of the answers and shares.
    """

    _target_: str = "agents.subpopulations.synthetic.SyntheticPopulation"
    groups: int = MISSING
    questions: int = MISSING
    options: int = MISSING
    disagreement: float = MISSING
    seed: int = 0


@dataclass
class PersonasConfig:
    """Any groups of a description, a prompt for each.

    Attributes:
        description: Path of a description, or the name of one that comes with the project.
        gate_margin: Held-out margin every group must reach, nats per token.
    """

    _target_: str = "agents.subpopulations.persona_population.PersonaPopulation"
    description: str = MISSING
    gate_margin: float = MISSING


@dataclass
class KnownConfig:
    """The groups of a description with known voices, for the synthetic language model; `description` as above."""

    _target_: str = "agents.subpopulations.persona_population.KnownPopulation"
    description: str = MISSING


@dataclass
class ThresholdsConfig:
    """What subpopulation models must reach.

    Attributes:
        margin: Held-out log-likelihood under the own model less the best other, nats per token.
        recovered: Share of posts that a classifier gives back to their group.
        gain: Share of the ceiling that calibrated answers gain on questions left out.
    """

    _target_: str = "agents.subpopulations.quality.Thresholds"
    margin: float = 0.25
    recovered: float = 0.5
    gain: float = 0.0


@dataclass
class QuestionConfig:
    """A closed question, its options, and whether they are ordered."""

    _target_: str = "agents.subpopulations.elicitation.Question"
    text: str = MISSING
    options: list[str] = MISSING
    ordinal: bool = False
    name: str = ""


@dataclass
class AdapterPopulationConfig:
    """Any groups, an adapter for each.

    Attributes:
        adapters: Where the adapters come from: ExistingAdapters or TrainedAdapters.
        reading: How answers are read: OptionLogprobs or SampledAnswers.
        survey: A loader of answers of real people, or null.
        shares: Without a survey: group to share of people.
        questions: Without a survey: what is asked.
        corpus: A loader of the groups' texts, or null.
        thresholds: What the models must reach.
    """

    _target_: str = "agents.subpopulations.adapter_population.AdapterPopulation"
    _convert_: str = "all"  # else a list of questions comes as Hydra's own nodes
    adapters: Any = MISSING
    reading: Any = MISSING
    survey: Any = None
    shares: dict[str, float] = field(default_factory=dict)
    questions: list[QuestionConfig] = field(default_factory=list)
    corpus: Any = None
    thresholds: ThresholdsConfig = field(default_factory=ThresholdsConfig)


@dataclass
class BaseConfig:
    """What is known of the base model that ready-made adapters were trained on, where they don't say it themselves."""

    _target_: str = "agents.subpopulations.adapter_base.Base"
    name: str | None = None
    config_sha256: str | None = None
    weights_sha256: str | None = None


@dataclass
class ExistingAdaptersConfig:
    """Ready-made adapters.

    Attributes:
        folders_or_names: Group to adapter folder, or to its name in `home`.
        home: Folder of adapter folders, or null.
        base: What is known of their base.
    """

    _target_: str = "agents.subpopulations.adapter_population.ExistingAdapters"
    folders_or_names: dict[str, str] = MISSING
    home: str | None = None
    base: BaseConfig = field(default_factory=BaseConfig)


@dataclass
class TrainedAdaptersConfig:
    """Adapters trained on the population's corpus; `home` null keeps them in the user's cache folder."""

    _target_: str = "agents.subpopulations.adapter_population.TrainedAdapters"
    recipe: RecipeConfig = field(default_factory=RecipeConfig)
    home: str | None = None


@dataclass
class OptionLogprobsConfig:
    """Answers as exact log-probabilities of the options.

    Attributes:
        wordings: Templates with {question} and {options}.
        labels: "letters" or "text".
        orders: Orders of the options in each wording; null for all, where there are at most five options.
        seed: Seed of the sample of orders.
    """

    _target_: str = "agents.subpopulations.elicitation.OptionLogprobs"
    wordings: list[str] = field(default_factory=lambda: ["Question: {question}\n{options}\nAnswer:"])
    labels: str = "letters"
    orders: int | None = None
    seed: int = 0


@dataclass
class SampledAnswersConfig:
    """Answers as the models write them, after a thought or at once.

    Attributes:
        wordings: Templates with {question} and {options}.
        samples: Answers per group and question, at least 50.
        orders: Orders of the options in each wording; null for all, where there are at most five options.
        most_failures: Largest share of a group's answers that may be unreadable.
        thinking: How models think before they answer; null to answer at once.
        max_tokens: Longest answer.
        seed: Seed of orders and texts.
    """

    _target_: str = "agents.subpopulations.elicitation.SampledAnswers"
    wordings: list[str] = field(default_factory=lambda: ["Question: {question}\n{options}\nAnswer:"])
    samples: int = 50
    orders: int | None = None
    most_failures: float = 0.2
    thinking: ThinkingConfig | None = None
    max_tokens: int = 8
    seed: int = 0


SUBPOPULATIONS: dict[str, type] = {
    "adapters": AdapterPopulationConfig,
    "bigfive": BigFiveConfig,
    "existing": ExistingAdaptersConfig,
    "known": KnownConfig,
    "option_logprobs": OptionLogprobsConfig,
    "personas": PersonasConfig,
    "sampled_answers": SampledAnswersConfig,
    "synthetic": SyntheticPopulationConfig,
    "thinking": ThinkingConfig,
    "trained": TrainedAdaptersConfig,
}
"""Schemas by name, as conf/subpopulations/*.yaml extend them."""
