"""Runs configurations in forked processes and kills them; a job as JSON on each line of standard input.

All modules are imported and each configuration is composed once, before a fork, so that a run starts in milliseconds; a
fork of a process that has run nothing and has one thread is a new process in all that matters here. A job names the
overrides of a run, a file for what it prints, and when it dies by SIGKILL: `{"touched": name, "done": bool}` before or
after a file of that name is moved or removed; `{"operation": n, "done": bool}` at the n-th such operation;
`{"said": stage}` when it says that a stage begins; `{"seconds": s}` so long after it began; or not at all. The answer
is its exit status, -9 if it was killed, and at which operation of which file.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_module
from omegaconf import DictConfig
from rich.console import Console

import experiments.command  # registers the schema
import experiments.pipeline
from experiments.making import made
from experiments.provenance import package_versions


class Killer:
    """Wraps what makes a change last, and kills this process at one of them."""

    def __init__(self, job: dict[str, Any], tell: int) -> None:
        self.job, self.tell, self.count = job, tell, 0
        for name, which in (("fsync", None), ("replace", 1), ("unlink", 0), ("mkdir", 0), ("rmdir", 0)):
            setattr(os, name, self.wrapped(getattr(os, name), name, which))

    def wrapped(self, do: Any, operation: str, which: int | None) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            path = os.readlink(f"/proc/self/fd/{arguments[0]}") if which is None else str(arguments[which])
            self.count += 1
            now = path.endswith(self.job["touched"]) if "touched" in self.job else self.count == self.job["operation"]
            if now and not self.job["done"]:
                self.die(operation, path)
            try:
                return do(*arguments, **options)
            finally:  # also of a folder that is there already
                if now:
                    self.die(operation, path)

        return call

    def die(self, operation: str, path: str) -> None:
        os.write(self.tell, f"{operation} {Path(path).name}".encode())
        os.kill(os.getpid(), signal.SIGKILL)


class Printed(io.TextIOBase):
    """What a run prints; kills this process when it says what it is to die at."""

    def __init__(self, job: dict[str, Any], tell: int) -> None:
        self.job, self.tell = job, tell

    def write(self, text: str) -> int:
        with Path(self.job["printed"]).open("a") as file:
            file.write(text)
        if self.job.get("said", text + " ") in text:
            os.write(self.tell, f"said {self.job['said']}".encode())
            os.kill(os.getpid(), signal.SIGKILL)
        return len(text)


def child(job: dict[str, Any], tell: int) -> int:
    with Printed(job, tell) as file:
        if "touched" in job or "operation" in job:
            Killer(job, tell)
        return experiments.command.run(composed(*job["overrides"]), Console(file=file, width=200, color_system=None))


@cache
def composed(*overrides: str) -> DictConfig:
    with initialize_config_module("conf", version_base="1.3"):
        config = compose("config", list(overrides))
    made(config.subpopulations)  # what it imports and reads stays
    return config


def answer(job: dict[str, Any]) -> dict[str, Any]:
    composed(*job["overrides"])
    hears, tells = os.pipe()
    process = os.fork()
    if not process:
        status = 1
        try:
            os.close(hears)
            status = child(job, tells)
        finally:
            os._exit(status)
    os.close(tells)
    if "seconds" in job:
        time.sleep(job["seconds"])
        os.kill(process, signal.SIGKILL)
    _, ended = os.waitpid(process, 0)
    with os.fdopen(hears) as heard:
        return {"status": os.waitstatus_to_exitcode(ended), "at": heard.read()}


def main() -> None:
    package_versions()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
