"""A grid of configurations in Hydra's sweep grammar, and how one of its points is composed quickly."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from hydra import compose, initialize_config_module
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig

from experiments import schema
from sim.errors import InputError

CONFIG = "config"
_ABOUT_THE_SWEEP = ("sweep.", "run.directory", "run.force")
"""Keys that say how points are run, not what they are."""


_register = cache(schema.register)


@contextmanager
def configurations() -> Iterator[None]:
    """Hydra, ready to compose what lies in conf/."""
    _register()
    with initialize_config_module("conf", version_base="1.3"):
        yield


def points_of(arguments: Sequence[str]) -> list[list[str]]:
    """Every point of a grid as a list of overrides, the last key turning fastest.

    Args:
        arguments: Overrides, some with several values: `a=1,2`, `b=range(0,10)`, `c=choice(x,y)`, `group=glob(*)`.

    Raises:
        InputError: What Hydra's grammar doesn't know, or a sweep of what says how to sweep.

    >>> with configurations():
    ...     points_of(["experiment=synthetic", "game.diversity=.25,1", "run.seed=range(0,2)"])[1]
    ['experiment=synthetic', 'game.diversity=0.25', 'run.seed=1']
    """
    try:
        overrides = _parsed(arguments)
        for override in overrides:
            key = override.key_or_group
            if key.startswith("hydra.") or key.startswith("hydra/"):
                raise InputError(key, override.input_line, "points are spread by sweep.workers= or sweep.address=")
            if override.is_sweep_override() and key.startswith(_ABOUT_THE_SWEEP):
                raise InputError(key, override.input_line, "give one value: it is the same for the whole sweep")
        return list(BasicSweeper.split_arguments(overrides, None)[0])
    except OverrideParseException as error:
        raise InputError("override", error.override, str(error).splitlines()[0]) from error
    except HydraException as error:
        remedy = "list the values: a,b,c, range(first,end,step) or choice(a,b,c)"
        raise InputError("sweep", " ".join(arguments), remedy) from error


def identity(points: Sequence[Sequence[str]]) -> list[list[str]]:
    """What makes two sweeps the same: their points, without where these lie and how they are spread.

    >>> identity([["a=1", "sweep.workers=4", "run.directory=/tmp"]])
    [['a=1']]
    """
    return [[o for o in point if not o.lstrip("+").startswith(_ABOUT_THE_SWEEP)] for point in points]


class Composer:
    """Composes point after point of a grid.

    Hydra takes a third of a second for one, nearly all of it for choosing and merging files. Values are put in last,
    so points that differ in values only share what was merged: the same configuration in 15 ms.
    """

    def __init__(self) -> None:
        self._bases: dict[tuple[str, ...], DictConfig] = {}

    def compose(self, point: Sequence[str]) -> DictConfig:
        """The configuration of one point; inside `configurations()` only.

        Args:
            point: Overrides with one value each.

        Raises:
            HydraException: Keys, values or files that there are not.
        """
        repository = GlobalHydra.instance().config_loader().repository  # type: ignore[attr-defined]
        files: list[str] = []
        values: list[Override] = []
        for text, override in zip(point, _parsed(point), strict=True):
            is_value = isinstance(override.value(), dict) or not repository.group_exists(override.key_or_group)
            if is_value:
                values.append(override)
            else:
                files.append(text)
        chosen = tuple(files)
        if chosen not in self._bases:
            self._bases[chosen] = compose(CONFIG, files)
        config = copy.deepcopy(self._bases[chosen])
        ConfigLoaderImpl._apply_overrides_to_config(values, config)
        return config


def _parsed(arguments: Sequence[str]) -> list[Override]:
    parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
    return list(parser.parse_overrides(list(arguments)))


def package_folders() -> list[Path]:
    """The folders of code and configurations that decide what a point is."""
    root = Path(__file__).parents[2]
    return [root / name for name in ("sim", "agents", "platforms", "experiments", "conf")]
