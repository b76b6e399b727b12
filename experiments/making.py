"""Make what a configuration names."""

from __future__ import annotations

from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig

from agents.language.protocol import LanguageModelError
from experiments.targets import check_targets
from sim.errors import InputError


def made(config: DictConfig, **known: Any) -> Any:
    """Make what a configuration names; what its maker complains of is raised as it is, not as Hydra wraps it.

    Args:
        config: A node with a `_target_`.
        known: Arguments that no configuration can hold.

    Raises:
        InputError: The maker's own, as LanguageModelError and OSError; or the configuration, anywhere in it, names
            what it may not (experiments/targets.py).
    """
    check_targets(config)
    try:
        return instantiate(config, **known)
    except InstantiationException as error:
        if isinstance(error.__cause__, InputError | LanguageModelError | OSError):
            raise error.__cause__ from error
        raise
