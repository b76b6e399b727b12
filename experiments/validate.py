"""Check the values of a configuration before anything starts; types and keys were checked when it was composed."""

from __future__ import annotations

import math
import re
from dataclasses import fields

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.schema import Config, GameConfig, HealthConfig, PayoffConfig, PlatformConfig, RunConfig, VerdictConfig
from experiments.schema_sweep import SweepConfig
from experiments.secrecy import refuse_secrets
from experiments.targets import check_names
from sim.convergence import window_rounds
from sim.errors import InputError

_AT_LEAST_ONE = (
    "platform.accounts",
    "platform.rounds",
    "platform.posts_per_round",
    "platform.drafts_per_round",
    "platform.readers",
    "platform.max_tokens",
    "run.seeds",
)
_SECTIONS = {
    "game": GameConfig,
    "platform": PlatformConfig,
    "verdict": VerdictConfig,
    "health": HealthConfig,
    "run": RunConfig,
    "sweep": SweepConfig,
    "payoffs": PayoffConfig,
}
_AT_MOST = {
    "platform.accounts": 100_000,
    "platform.posts_per_round": 10_000,
    "platform.drafts_per_round": 100_000,
    "platform.readers": 10**12,
    "platform.max_tokens": 900,
    "run.seeds": 10_000,
}
_OPEN_UNIT = ("verdict.tolerance", "verdict.window", "verdict.confidence")


def validate(config: DictConfig) -> None:
    """Refuse values that no run can use.

    Args:
        config: The composed configuration.

    Raises:
        InputError: Names the key, its value and the remedy.
    """
    try:
        check_names(config)
        refuse_secrets(config)
    except OmegaConfBaseException as error:
        raise InputError(error.full_key or "configuration", "${...}", str(error).splitlines()[0]) from error
    for unknown in _unknown_keys(config):
        value = OmegaConf.select(config, unknown)
        raise InputError(unknown, value, "no such key; see `equipolis --cfg job` for those there are")
    missing = sorted(OmegaConf.missing_keys(config))
    if missing:
        raise InputError(missing[0], "???", f"has no value; set it on the command line: {missing[0]}=...")
    for key in _AT_LEAST_ONE:
        _require(config, key, OmegaConf.select(config, key) >= 1, "give a whole number of at least 1")
    _require(config, "run.name", re.fullmatch(r"[\w.-]*\w", config.run.name) is not None, "use letters, digits, . _ -")
    for key in _numbers(config):
        _require(config, key, math.isfinite(OmegaConf.select(config, key)), "give a finite number")
    for key, most in _AT_MOST.items():
        _require(config, key, OmegaConf.select(config, key) <= most, f"give at most {most:,}")
    for key in ("attractiveness", "inconsistency", "diversity"):
        _require(config, f"game.{key}", config.game[key] >= 0, "give an incentive of at least 0")
    for key in _OPEN_UNIT:
        _require(config, key, 0.0 < OmegaConf.select(config, key) < 1.0, "give a number strictly between 0 and 1")
    for key in config.health:
        _require(config, f"health.{key}", config.health[key] >= 0, "give a limit of at least 0")
    for key, least in (("workers", 1), ("cpus", 1), ("gpus", 0), ("retries", 0)):
        value = config.sweep[key]
        _require(config, f"sweep.{key}", value is None or value >= least, f"give a number of at least {least}")
    _require(config, "run.seed", config.run.seed >= 0, "give a whole number of at least 0")
    _require(config, "platform.floor", 0.0 <= config.platform.floor < 1.0, "give a weight of at least 0, below 1/D")
    _require(config, "platform.heard_share", 0.0 <= config.platform.heard_share <= 1.0, "give a share from 0 to 1")
    _require(config, "platform.concentration", config.platform.concentration > 0.0, "give a number above 0")
    _require(config, "platform.temperature", config.platform.temperature > 0.0, "give a temperature above 0")
    window_rounds(config.verdict.window, config.platform.rounds)
    _require(
        config,
        "ranking",
        config.ranking is None or config.study is not None,
        "studies of feeds alone rank; leave it out",
    )
    _require(config, "game.crowding", config.game.crowding in ("mean", "sum"), 'choose "mean" or "sum"')


def _unknown_keys(config: DictConfig) -> list[str]:
    """Keys that were forced in with a "+" past the schema."""
    unknown = [str(key) for key in config if key not in _names(Config)]
    for section, kind in _SECTIONS.items():
        unknown += [f"{section}.{key}" for key in config[section] if key not in _names(kind)]
    return unknown


def _numbers(config: DictConfig) -> list[str]:
    """Keys that hold a fractional number, wherever they stand."""

    def walk(node: DictConfig, path: str) -> list[str]:
        found = []
        for key in node:
            value, name = node[key], f"{path}{key!s}"
            if isinstance(value, DictConfig):
                found += walk(value, f"{name}.")
            elif isinstance(value, float):
                found.append(name)
        return found

    return walk(config, "")


def _names(kind: type) -> set[str]:
    return {field.name for field in fields(kind)}


def _require(config: DictConfig, key: str, holds: bool, remedy: str) -> None:
    if not holds:
        raise InputError(key, OmegaConf.select(config, key), remedy)
