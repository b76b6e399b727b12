"""The shape of studies of a platform's logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING


@dataclass
class OwnLogConfig:
    """A study of the user's own log.

    Attributes:
        path: CSV or Parquet with columns round, account, payoff, weight_<group> ..., and optionally neighbours.
        data: Loader of an opinion table with the log's groups; null: no shapes are given.
        estimator: How a, C and S are made of it.
        incentives: The published coefficients; of use with `data` only.
        crowding: "mean" or "sum" over the others.
        clusters: Rows that may share noise: "round", "account" or "row".
        intercepts: "common", or one per "account" or "round".
        symmetric: Take S to be symmetric.
        draws: Draws behind the region of the prediction.
        confidence: Of the region.
        window: Share of the rounds, the last ones, that count as the end of play.
        seed: Of the draws.
        encoding: Of a text file.
    """

    _target_: str = "experiments.studies.induced.OwnLog"
    path: str = MISSING
    data: Any = "${data}"
    estimator: Any = "${estimate}"
    incentives: Any = MISSING
    crowding: str = "${game.crowding}"
    clusters: str = "round"
    intercepts: str = "common"
    symmetric: bool = False
    draws: int = MISSING
    confidence: float = 0.95
    window: float = 0.25
    seed: int = "${run.seed}"  # type: ignore[assignment]
    encoding: str = "utf-8"


@dataclass
class KernelPlayConfig:
    """A study of plays whose incentives are known.

    Attributes:
        population: Groups with known answers.
        payoffs: Kernels.
        incentives: Published coefficients.
        crowding: "mean" or "sum" over the others.
        accounts: Number of accounts.
        posts: Posts an account publishes in a round.
        drafts: Topics on which every group drafts an answer.
        readers: Readers who meet each post.
        profiles: Rounds of exploration.
        dynamics: Learning rule.
        floor: Least weight while learning.
        rounds: Rounds of learning.
        window: Share of these, the last ones, that count as the end.
        seeds: Logs that are fitted.
        plays: Of these, the ones in which accounts then learn.
        seed: First seed.
        draws: Draws behind each region.
        confidence: Of intervals and regions.
    """

    _target_: str = "experiments.studies.induced.KernelPlay"
    population: Any = "${subpopulations}"
    payoffs: Any = "${payoffs}"
    incentives: Any = MISSING
    crowding: str = "${game.crowding}"
    accounts: int = "${platform.accounts}"  # type: ignore[assignment]
    posts: int = "${platform.posts_per_round}"  # type: ignore[assignment]
    drafts: int = "${platform.drafts_per_round}"  # type: ignore[assignment]
    readers: int = "${platform.readers}"  # type: ignore[assignment]
    profiles: int = MISSING
    dynamics: Any = "${dynamics}"
    floor: float = "${platform.floor}"  # type: ignore[assignment]
    rounds: int = "${platform.rounds}"  # type: ignore[assignment]
    window: float = "${verdict.window}"  # type: ignore[assignment]
    seeds: int = "${run.seeds}"  # type: ignore[assignment]
    plays: int = MISSING
    seed: int = "${run.seed}"  # type: ignore[assignment]
    draws: int = MISSING
    confidence: float = 0.95


PLATFORM_STUDIES: dict[str, type] = {"own_log": OwnLogConfig, "kernel_play": KernelPlayConfig}
