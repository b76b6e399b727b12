"""The shape of a configuration: every key, its type and its default. Unknown keys and wrong types fail at compose time.

The files in conf/ choose among these and give the default run its values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, OmegaConf

from experiments.schema_coevolution import COEVOLUTION_STUDIES
from experiments.schema_feed import FEED_STUDIES
from experiments.schema_governance import CONTROLLERS, GOVERNANCE_STUDIES
from experiments.schema_language import LANGUAGE_STUDIES, HubConfig
from experiments.schema_oversight import OVERSIGHT_STUDIES
from experiments.schema_oversight_language import OVERSIGHT_LANGUAGE_STUDIES, CalculatorConfig
from experiments.schema_oversight_parametric import PARAMETRIC_STUDIES
from experiments.schema_platform_studies import PLATFORM_STUDIES
from experiments.schema_ranking import RANKING
from experiments.schema_recording import RecordedConfig
from experiments.schema_studies import DATA, ESTIMATE, STUDIES
from experiments.schema_subpopulations import SUBPOPULATIONS
from experiments.schema_sweep import SweepConfig
from experiments.secrecy import refuse_environment


@dataclass
class GameConfig:
    """The platform's published coefficients.

    Attributes:
        attractiveness: Reward per unit of reach, >= 0.
        inconsistency: Penalty per unit of self-contradiction, >= 0.
        diversity: Penalty per unit of redundancy with the other accounts, >= 0.
        crowding: "mean" or "sum" over the other accounts.
    """

    attractiveness: float = MISSING
    inconsistency: float = MISSING
    diversity: float = MISSING
    crowding: str = "mean"


@dataclass
class PlatformConfig:
    """Who plays, for how long, and what happens in a round.

    Attributes:
        accounts: Number of accounts M.
        rounds: Rounds played.
        posts_per_round: Posts each account publishes.
        drafts_per_round: Topics on which every group drafts an answer for each account.
        readers: Readers who meet each post.
        heard_share: Share of posts in which readers go by the voice in the text (its likeliest subpopulation model);
            they take the rest for the group that was drawn. Hearing costs one scoring of the text per group.
        max_tokens: Longest post.
        temperature: Sampling temperature of the text.
        floor: Least weight of any group: a group never drawn gives no feedback.
        concentration: Starting mixtures are Dirichlet(concentration): small is scattered.
    """

    accounts: int = MISSING
    rounds: int = MISSING
    posts_per_round: int = MISSING
    drafts_per_round: int = MISSING
    readers: int = MISSING
    heard_share: float = MISSING
    max_tokens: int = MISSING
    temperature: float = 1.0
    floor: float = MISSING
    concentration: float = MISSING


@dataclass
class VerdictConfig:
    """When a simulation counts as having reached a prediction.

    Attributes:
        tolerance: Total variation distance that counts as the same point.
        window: Share of the last rounds that is averaged.
        confidence: Level of every interval.
    """

    tolerance: float = MISSING
    window: float = MISSING
    confidence: float = 0.95


@dataclass
class HealthConfig:
    """The most of each fault that a run may have and still be healthy; one with more ends with exit status 5.

    Attributes:
        unreadable_answers: Share of a language model's sampled answers that could not be read.
        silent_posts: Share of posts without text.
        silent_accounts: Share of accounts that never wrote a text.
        repeated_posts: Share of posts with the text of an earlier one of the same seed.
        realisation_error: Total variation distance of the groups that were drawn and those recovered from the texts.
        restarts: Times that the language model's server had to be started again.
        unfinished_seeds: Seeds that were not played to the end.
    """

    unreadable_answers: float = MISSING
    silent_posts: float = MISSING
    silent_accounts: float = MISSING
    repeated_posts: float = MISSING
    realisation_error: float = MISSING
    restarts: int = MISSING
    unfinished_seeds: int = MISSING


@dataclass
class RunConfig:
    """Where a run goes and how often it is repeated.

    Attributes:
        name: First part of the run directory's name.
        directory: Parent of run directories.
        seed: First run seed.
        seeds: Number of independent repetitions.
        force: Play again even if the run directory is already done.
    """

    name: str = MISSING
    directory: str = "runs"
    seed: int = 0
    seeds: int = MISSING
    force: bool = False


@dataclass
class PayoffConfig:
    """The kernels the platform pays by; each names the class that implements it."""

    attractiveness: Any = MISSING
    inconsistency: Any = MISSING
    similarity: Any = MISSING


@dataclass
class Config:
    """One experiment: a play, or a study of data where `study` names one."""

    game: GameConfig = field(default_factory=GameConfig)
    platform: PlatformConfig = field(default_factory=PlatformConfig)
    verdict: VerdictConfig = field(default_factory=VerdictConfig)
    health: HealthConfig = field(default_factory=HealthConfig)
    run: RunConfig = field(default_factory=RunConfig)
    sweep: SweepConfig = field(default_factory=SweepConfig)
    payoffs: PayoffConfig = field(default_factory=PayoffConfig)
    subpopulations: Any = MISSING
    language: Any = MISSING
    dynamics: Any = MISSING
    ranking: Any = None
    study: Any = None
    data: Any = None
    estimate: Any = None


@dataclass
class EmbeddedConfig:
    """The packaged model on this machine.

    Attributes:
        backend: "vllm", "transformers", or "auto": vLLM where it can run, else transformers; says which.
        dtype: "bfloat16", "float32", or "auto": what this device computes fastest; says which.
        max_restarts: How often a server that dies is started again.
        timeout: Seconds until a server's answer to one request, or its start; then it is taken for dead.
        replicas: vLLM servers that share the work, each with a copy of the weights.
    """

    _target_: str = "experiments.backends.embedded"
    backend: str = MISSING
    dtype: str = MISSING
    max_restarts: int = MISSING
    timeout: float = MISSING
    replicas: int = MISSING


@dataclass
class EndpointConfig:
    """A vLLM-compatible server, or several that share the work, that somebody else runs.

    Attributes:
        base_url: Addresses, each ending in /v1, of servers of the same model.
        served_model: Name under which it serves the base model; adapters are served under their group's name.
        api_key_variable: Environment variable that holds the key; the key itself never stands in a config.
        timeout: Seconds until the answer to one request.
        retries: How often a request is sent again after a lost connection, a server error or "too many requests".
    """

    _target_: str = "experiments.backends.endpoint"
    base_url: list[str] = MISSING
    served_model: str = MISSING
    api_key_variable: str = MISSING
    timeout: float = MISSING
    retries: int = MISSING


@dataclass
class SyntheticLanguageConfig:
    """A known mixture response in place of a language model.

    Attributes:
        clarity: Probability that a post is heard as the group that was drawn.
    """

    _target_: str = "experiments.backends.synthetic"
    clarity: float = MISSING


@dataclass
class StepSizeConfig:
    """Step size initial / (1 + round / decay_rounds); decay_rounds null is a constant step."""

    _target_: str = "sim.dynamics.step_size.StepSize"
    initial: float = MISSING
    decay_rounds: float | None = None


@dataclass
class GradientRuleConfig:
    """A rule that follows the accounts' gradient estimates; the files in conf/dynamics name which."""

    _target_: str = MISSING
    step_size: StepSizeConfig = field(default_factory=StepSizeConfig)


@dataclass
class SimultaneousBestResponseConfig:
    """Every account moves a share `damping` of the way to its best response."""

    _target_: str = "sim.dynamics.best_response.SimultaneousBestResponse"
    damping: float = MISSING


@dataclass
class SequentialBestResponseConfig:
    """Accounts move to their best response in turn."""

    _target_: str = "sim.dynamics.best_response.SequentialBestResponse"
    sweep: bool = MISSING


@dataclass
class AsynchronousBestResponseConfig:
    """Accounts drawn at random move to their best response, `updates` a round; null for as many as there are."""

    _target_: str = "sim.dynamics.asynchronous.AsynchronousBestResponse"
    updates: int | None = MISSING


@dataclass
class FictitiousPlayConfig:
    """Accounts best-respond to what the others have played on average."""

    _target_: str = "sim.dynamics.fictitious_play.FictitiousPlay"


@dataclass
class LogitConfig:
    """Accounts move a share `damping`, on the log scale, towards the softmax of gradient / `temperature`."""

    _target_: str = "sim.dynamics.logit.LogitResponse"
    temperature: float = MISSING
    damping: float = MISSING


@dataclass
class RegretMatchingConfig:
    """Groups are played in proportion to their positive regrets; `plus` forgets negative ones."""

    _target_: str = "sim.dynamics.regret_matching.RegretMatching"
    plus: bool = MISSING


@dataclass
class FollowTheLeaderConfig(GradientRuleConfig):
    """Dual averaging; the regulariser names its class, Euclidean or Entropic."""

    _target_: str = "sim.dynamics.follow_the_leader.FollowTheRegularisedLeader"
    regulariser: Any = MISSING


@dataclass
class BanditGradientConfig(GradientRuleConfig):
    """Gradient ascent from an account's own payoffs only: detours of length `detour`, one or two rounds for each."""

    _target_: str = "sim.dynamics.bandit.BanditGradient"
    detour: float = MISSING
    two_point: bool = MISSING


@dataclass
class ImitationConfig:
    """Accounts move towards one that earned more; with probability `mutation` they try a step of their own."""

    _target_: str = "sim.dynamics.imitation.Imitation"
    rate: float = MISSING
    mutation: float = MISSING
    innovation: float = MISSING


@dataclass
class KernelConfig:
    """A payoff kernel without settings."""

    _target_: str = MISSING


@dataclass
class InconsistencyConfig(KernelConfig):
    """An inconsistency kernel.

    Attributes:
        ordinal: Compare answers along the scale where a question has one; else any two answers are equally apart.
    """

    ordinal: bool = MISSING


def register() -> None:
    """Make the schemas known to Hydra; conf/*.yaml extend them by name, and can't read the environment."""
    OmegaConf.register_new_resolver("oc.env", refuse_environment, replace=True)
    store = ConfigStore.instance()
    store.store(name="schema", node=Config)
    options: dict[str, dict[str, type]] = {
        "subpopulations": SUBPOPULATIONS,
        "language": {
            "embedded": EmbeddedConfig,
            "hub": HubConfig,
            "endpoint": EndpointConfig,
            "synthetic": SyntheticLanguageConfig,
            "calculator": CalculatorConfig,
            "recorded": RecordedConfig,
        },
        "dynamics": {
            "gradient": GradientRuleConfig,
            "simultaneous_best_response": SimultaneousBestResponseConfig,
            "sequential_best_response": SequentialBestResponseConfig,
            "asynchronous_best_response": AsynchronousBestResponseConfig,
            "fictitious_play": FictitiousPlayConfig,
            "logit": LogitConfig,
            "regret_matching": RegretMatchingConfig,
            "follow_the_leader": FollowTheLeaderConfig,
            "bandit_gradient": BanditGradientConfig,
            "imitation": ImitationConfig,
        },
        "ranking": RANKING,
        "payoffs": {"kernel": KernelConfig, "inconsistency": InconsistencyConfig},
        "controller": CONTROLLERS,
        "study": STUDIES
        | LANGUAGE_STUDIES
        | GOVERNANCE_STUDIES
        | PLATFORM_STUDIES
        | COEVOLUTION_STUDIES
        | FEED_STUDIES
        | OVERSIGHT_STUDIES
        | OVERSIGHT_LANGUAGE_STUDIES
        | PARAMETRIC_STUDIES,
        "data": DATA,
        "estimate": ESTIMATE,
    }
    for group, nodes in options.items():
        for name, node in nodes.items():
            store.store(group=f"schema/{group}", name=name, node=node)
