"""A run directory: named by what is run, written atomically, taken up where it was left, DONE only when it is.

A run is a deterministic function of its configuration, the user's files and what its language model answered. So there
is no saved state to restore: an interrupted run is run again, with the answers that it recorded, and must then come
by the same tables; one that differs stops it. What lies in a directory while it is being filled:

    begun.json                     configuration, hashes of the user's files, code and packages as the run began
    status.json                    "running", "interrupted", "failed", "done" or "unhealthy", a message, rounds played
    language.parquet               what the language model answered, from when it is stopped; until then
    .language.parquet.part...      one for each batch, on the disk before it is used
    progress/rounds-000012.parquet the rows of rounds.parquet of one round; whole, as every file here
    progress/posts-000012.parquet  the rows of posts.parquet of the same round; there before the other

A finished one holds no progress/, but all tables in one piece, manifest.json and DONE.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from omegaconf import DictConfig, OmegaConf

from agents.language.protocol import LanguageModel
from agents.language.recorded import uses_of
from experiments.provenance import differences, hashes_of_files, versions
from experiments.secrecy import hidden
from sim.errors import InputError

DONE = "DONE"
STATUS = "status.json"
BEGUN = "begun.json"
RECORDING = "language.parquet"
FINDINGS = "findings.json"
PROGRESS = "progress"
LOCK = ".lock"
_ANEW = "or play anew with run.force=true"


class RunDirectory:
    """Where one experiment's results go.

    The name holds the hash of the configuration (all but where the directory lies and whether to play again) and
    the first seed, never the time. Every file appears whole or not at all.

    Args:
        config: The composed configuration.

    Attributes:
        answering: The language models of this run, as they are made.

    Raises:
        InputError: The directory can't be created or written.
    """

    def __init__(self, config: DictConfig) -> None:
        content = OmegaConf.to_container(config, resolve=True)
        assert isinstance(content, dict)  # noqa: S101 - narrows the type; a DictConfig always is one
        content.pop("sweep", None)  # how points are spread says nothing about any of them
        self.config = content
        self._what = {
            **content,
            "run": {k: v for k, v in content["run"].items() if k not in ("directory", "force")},
        }
        self.hash = hashlib.sha256(json.dumps(self._what, sort_keys=True).encode()).hexdigest()[:8]
        self.answering: list[LanguageModel] = []
        self._files: dict[str, str] = {}
        self._rounds: dict[str, int] = {}
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

    def begin(self, report: Callable[[str], None]) -> None:
        """Take up what an interrupted run of the same configuration left here; else, or if forced, start empty.

        Args:
            report: Gets a line for what is not as it was when the run began.

        Raises:
            InputError: What lies here was begun with another configuration, or can't be read.
        """
        self._files = hashes_of_files(self._what)
        now = json.loads(json.dumps({"config": self._what, "files": self._files, "made_by": versions()}))
        known = None if self.config["run"]["force"] else self._begun()
        if known is not None:
            for difference in differences(known["config"], now["config"]):
                raise InputError(f"configuration in {self.path}", difference, f"choose another run.directory, {_ANEW}")
            changed = self.changed_files()
            if changed:
                report(f"starting over: changed since this run began: {', '.join(changed)}")
                known = None
        if known is None:
            self._clear()
            self.json(BEGUN, now)
        else:
            for difference in differences(known["made_by"], now["made_by"]):
                report(f"not as when this run began: {difference}")
            for partial in self.path.rglob(".*.partial"):
                partial.unlink()
        self.status("running")

    def changed_files(self) -> list[str]:
        """The user's files that are not what they were when this run began: its findings are not theirs."""
        begun, now = self._begun(), hashes_of_files(self._what)
        known = now if begun is None else begun["files"]
        return [path for path in sorted(known | now) if known.get(path) != now.get(path)]

    def status(self, state: str, message: str = "") -> None:
        """Say how the run stands: "running", "failed", "interrupted", "unhealthy" or "done"."""
        self.json(STATUS, {"state": state, "message": message, **self._rounds})

    def played(self, rounds: int, of: int) -> None:
        """Say how many rounds of the play are safe in this directory."""
        self._rounds = {"rounds_played": rounds, "rounds": of}
        self.status("running", f"{rounds} of {of} rounds played")

    def finish(self, complaint: str = "") -> None:
        """Mark the run as done. DONE alone decides; the status only says it in words, with any complaint of health."""
        shutil.rmtree(self.path / PROGRESS, ignore_errors=True)
        self.status("unhealthy" if complaint else "done", complaint)
        self.text(DONE, self.hash + "\n")

    def text(self, name: str, content: str) -> Path:
        """Write a text file atomically; a secret of the environment that a message quotes is hidden."""
        return self.bytes(name, hidden(content).encode("utf-8"))

    def json(self, name: str, content: Mapping[str, Any]) -> Path:
        """Write a JSON file atomically; NaN is an error, not a value."""
        return self.text(name, json.dumps(content, indent=2, allow_nan=False) + "\n")

    def table(self, name: str, columns: Mapping[str, Any] | pa.Table) -> Path:
        """Write a Parquet table atomically.

        Raises:
            InputError: An interrupted run came by another table.
        """
        sink = pa.BufferOutputStream()
        pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(dict(columns)), sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        target = self.path / name
        if not target.exists():
            return self.bytes(name, content)
        if target.read_bytes() != content:
            raise InputError(
                str(target),
                "another table than before the interruption",
                f"the code, a package or the machine's arithmetic is not what it was: undo that, {_ANEW}",
            )
        return target

    def manifest(self, details: Mapping[str, Any]) -> None:
        """Record what ran: configuration, files, code, packages, machine, recordings, and the given details."""
        what = {"config_hash": self.hash, "config": self.config, "files": self._files, **versions()}
        self.json("manifest.json", {**what, "recordings": uses_of(self.answering), **details})

    def bytes(self, name: str, content: bytes) -> Path:
        """Write a file atomically: to a partial file, to the disk, then under its name."""
        target = self.path / name
        partial = target.with_name(f".{target.name}.partial")
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

    def _begun(self) -> dict[str, Any] | None:
        """What was written as a run began here; None if none did."""
        file = self.path / BEGUN
        try:
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            parts = ("config", "files", "made_by")
            if isinstance(found, dict) and all(isinstance(found.get(part), dict) for part in parts):
                return found
        except FileNotFoundError:
            return None
        except ValueError:
            pass
        raise InputError(str(file), "damaged", f"copy it from where it was whole, {_ANEW}")

    def _clear(self) -> None:
        """Remove what an unfinished or unwanted earlier run left; what says so first, so that no half is taken up."""
        for name in (DONE, BEGUN):
            (self.path / name).unlink(missing_ok=True)
        for child in self.path.iterdir():
            if child.name != LOCK:
                shutil.rmtree(child) if child.is_dir() else child.unlink()
