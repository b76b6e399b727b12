"""What a configuration may name: the parts of this project that are made for it, and modules the user vouches for.

A configuration is data that people pass on. Hydra would call whatever `_target_` names, so each name is checked twice:
as written, before anything is imported, and by where the thing it leads to is defined.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import Parameter, isclass, isroutine, signature
from pathlib import Path
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import get_object
from omegaconf import OmegaConf

from sim.errors import InputError

TARGET = "_target_"
VOUCHED = "EQUIPOLIS_MODULES"
"""Environment variable: the user's own modules that a configuration may name, separated by commas."""
_SOURCES = (
    "bigfive_items",
    "ces2018",
    "culturebank",
    "d3code",
    "fivethirtyeight",
    "globalopinionqa",
    "labelled_texts",
    "opinionqa",
    "user_file",
)
NAMEABLE = (
    "sim",
    "agents.parametric",
    "agents.subpopulations.adapter_base.Base",
    "agents.subpopulations.adapter_population",
    "agents.subpopulations.bigfive.population",
    "agents.subpopulations.elicitation",
    "agents.subpopulations.persona_population",
    "agents.subpopulations.quality",
    "agents.subpopulations.synthetic",
    "agents.subpopulations.training.Recipe",
    *(f"agents.subpopulations.sources.{source}.load" for source in _SOURCES),
    "platforms.social",
    "platforms.oversight.decision_heads",
    "platforms.oversight.families",
    "platforms.oversight.resolver",
    "platforms.oversight.sandbox.sandbox.Limits",
    "experiments.backends",
    "experiments.studies",
)
"""What a configuration may name; what starts processes, runs code, downloads or writes what it is given is not."""


def check_names(config: Any, path: str = "") -> None:
    """Refuse a configuration that names anything else, wherever in it; imports nothing.

    Args:
        config: Node of a configuration, or what it holds.
        path: Key of the node, for the message.

    Raises:
        InputError: Names the key, the `_target_` and the remedy.
    """
    for key, name in _targets(config, path):
        _check_name(key, name)


def check_targets(config: Any) -> None:
    """Refuse a configuration that leads to anything else, wherever in it, by whichever name.

    Raises:
        InputError: Names the key, the `_target_` and the remedy.
    """
    for key, name in _targets(config, ""):
        named(name, key)
    _check_keys(OmegaConf.to_container(config, resolve=True) if OmegaConf.is_config(config) else config, "")


def _check_keys(node: Any, path: str) -> None:
    """Refuse a key that the maker doesn't take, before it is called with it (`+data.x=1` can add any)."""
    if isinstance(node, Mapping):
        takes = _parameters(named(node[TARGET], f"{path}{TARGET}")) if TARGET in node else None
        strange = [] if takes is None else [key for key in node if not str(key).startswith("_") and key not in takes]
        if takes is not None and strange:
            raise InputError(f"{path}{strange[0]}", node[strange[0]], f"no such key; there are {', '.join(takes)}")
        for key, value in node.items():
            _check_keys(value, f"{path}{key}.")
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for value in node:
            _check_keys(value, path)


def _parameters(maker: Callable[..., Any]) -> list[str] | None:
    """Names that a maker takes; None where it takes any, or doesn't say."""
    try:
        takes = signature(maker).parameters
    except ValueError:
        return None
    return None if any(one.kind is Parameter.VAR_KEYWORD for one in takes.values()) else list(takes)


def named(name: object, key: str = TARGET) -> Callable[..., Any]:
    """The class or function that a configuration names.

    Args:
        name: Its dotted path.
        key: Where the configuration names it.

    Raises:
        InputError: There is none, or it is not defined in what a configuration may name.

    >>> named("sim.estimation.reach").__name__
    'reach'
    >>> named("experiments.backends.Path")
    Traceback (most recent call last):
    ...
    sim.errors.InputError: _target_ = experiments.backends.Path: leads to pathlib.Path, not open to configurations
    """
    path = _check_name(key, name)
    try:
        found = get_object(path)
    except (ImportError, ValueError, InstantiationException) as error:
        remedy = "a module of your own lies in a folder that PYTHONPATH names"
        raise InputError(key, path, f"can't be found; {remedy}: {' '.join(str(error).split())}") from error
    home = f"{getattr(found, '__module__', None)}.{getattr(found, '__qualname__', '')}"
    if not (isclass(found) or isroutine(found)) or not _allowed(home):
        raise InputError(key, path, f"leads to {home}, not open to configurations")
    return found


def _check_name(key: str, name: object) -> str:
    if not isinstance(name, str) or not _allowed(name) or not all(map(_plain, name.split("."))):
        remedy = "a configuration may name what experiments/targets.py lists"
        raise InputError(key, name, f"{remedy}; vouch for modules of your own with {VOUCHED}=module,...")
    return name


def _plain(part: str) -> bool:
    return part.isidentifier() and not part.startswith("_")


def _allowed(name: str) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in _roots())


def _roots() -> tuple[str, ...]:
    return (*NAMEABLE, *_vouched())


def _vouched() -> tuple[str, ...]:
    return tuple(filter(None, (module.strip() for module in os.environ.get(VOUCHED, "").split(","))))


def own_sources(config: Any) -> list[Path]:
    """Files of the user's own modules that a configuration names: another text of theirs, another run."""
    names = [str(name) for _, name in _targets(config, "")]
    used = [root for root in _vouched() if any(name == root or name.startswith(f"{root}.") for name in names)]
    found = []
    for root in used:
        try:
            spec = importlib.util.find_spec(root)
        except (ImportError, ValueError):  # said where it is made
            continue
        if spec is not None and spec.origin is not None and Path(spec.origin).is_file():
            found.append(Path(spec.origin))
    return found


def _targets(node: Any, path: str) -> Iterator[tuple[str, object]]:
    """Key and value of every `_target_`, with references resolved: `${...}` may make names, and whole nodes."""
    if OmegaConf.is_config(node):
        node = OmegaConf.to_container(node, resolve=True)
    if isinstance(node, Mapping):
        for key, value in node.items():
            name = f"{path}.{key}" if path else str(key)
            if key == TARGET:
                yield name, value
            else:
                yield from _targets(value, name)
    elif isinstance(node, Sequence) and not isinstance(node, str | bytes):
        for number, value in enumerate(node):
            yield from _targets(value, f"{path}[{number}]")
