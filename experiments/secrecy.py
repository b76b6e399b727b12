"""Keys and passwords: they come from the environment, stand in no configuration, and are written nowhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from omegaconf import OmegaConf

from sim.errors import InputError

HIDDEN = "***"
KEY_VARIABLE = re.compile(r"EQUIPOLIS_\w*KEY")
"""Variables that a configuration may have sent to a server as its key: one from elsewhere could ask for any other."""
_SECRET_NAME = re.compile(r"(?i)(^|[_.-])(api_?key|key|token|secret|password|passwd|credentials?|authorization)$")
_URL_PASSWORD = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*(?=@)")
_SHORTEST = 8
"""Shorter values are found in ordinary text by chance."""


def hidden(text: str) -> str:
    """Text without the secrets of this process: values of variables named as keys are, and passwords in addresses.

    >>> hidden("no answer from http://me:hunter2@example.org/v1")
    'no answer from http://***@example.org/v1'
    """
    for secret in _secrets():
        text = text.replace(secret, HIDDEN)
    return _URL_PASSWORD.sub(HIDDEN, text)


def refuse_secrets(config: Any) -> None:
    """Refuse a configuration that holds a secret: it would be written into the manifest.

    Args:
        config: Node of a configuration.

    Raises:
        InputError: Names the key, not the value.
    """
    for key, value in _texts(OmegaConf.to_container(config, resolve=True), ""):
        if value and _SECRET_NAME.search(key):
            raise InputError(key, HIDDEN, "a key stands in no configuration; put it into a variable EQUIPOLIS_..._KEY")
        if hidden(value) != value:
            remedy = "holds a password, or what a variable of the environment keeps; a configuration is recorded"
            raise InputError(key, hidden(value), remedy)


def refuse_environment(*_: object) -> str:
    """Stands in for OmegaConf's `oc.env`: with it, a configuration from elsewhere could send out any variable.

    Raises:
        InputError: Always.
    """
    raise InputError("oc.env", HIDDEN, "a configuration can't read the environment; write the value itself")


def _secrets() -> list[str]:
    """Longest first, as one may hold another."""
    found = {value for name, value in os.environ.items() if _SECRET_NAME.search(name) and len(value) >= _SHORTEST}
    return sorted(found, key=len, reverse=True)


def _texts(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _texts(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node):
            yield from _texts(value, f"{path}.{number}")
    elif isinstance(node, str):
        yield path, node
