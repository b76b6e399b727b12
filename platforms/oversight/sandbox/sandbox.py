"""The trusted side of the sandbox: starts a process a job, watches its time and output, and reads how it ended."""

from __future__ import annotations

import marshal
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from platforms.oversight.sandbox.assertion import Assertion
from platforms.oversight.sandbox.outcome import Outcome, SandboxOutcome, outcome_of, parsed
from sim.arrays import positive, whole_number

_SCRIPT = Path(__file__).with_name("confined.py")
_CHUNK = 1 << 16


class SandboxUnavailable(RuntimeError):
    """This machine can't confine code, so none is run: says what is missing."""


@dataclass(frozen=True)
class Job:
    """Code nobody has read, and what is asserted about it; without assertions it passes by ending."""

    code: str
    assertions: tuple[Assertion, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a job may use.

    Attributes:
        cpu_seconds: Processor time, >= 1.
        seconds: Time by the clock, > 0; longer than the processor time, for a busy machine shares its cores.
        memory_mib: Address space, >= 64; the interpreter itself takes about 20.
        output_kib: Output that is read, >= 1.
    """

    cpu_seconds: int = 2
    seconds: float = 10.0
    memory_mib: int = 256
    output_kib: int = 64

    def __post_init__(self) -> None:
        positive("limits.seconds", self.seconds)
        for name, least in (("cpu_seconds", 1), ("memory_mib", 64), ("output_kib", 1)):
            whole_number(f"limits.{name}", getattr(self, name), minimum=least)


class Sandbox:
    """Runs jobs, several at once, each in a process of its own; a job that was run is remembered, not run again.

    Args:
        limits: What each job may use.
        workers: Processes at once; default: the cores this process may use.

    Raises:
        SandboxUnavailable: The machine lacks a wall that is always needed, or the walls do not hold.
    """

    def __init__(self, limits: Limits | None = None, workers: int | None = None) -> None:
        if sys.platform != "linux":
            raise SandboxUnavailable(f"sandbox: needs Linux, this is {sys.platform}. Leave tasks with code out.")
        self.limits = limits or Limits()
        self.workers = whole_number("workers", workers or len(os.sched_getaffinity(0)), minimum=1)
        self._outcomes: dict[Job, SandboxOutcome] = {}
        self.walls = self._tested_walls()

    def run(self, jobs: Sequence[Job]) -> list[SandboxOutcome]:
        """How each job ends; nothing a job does raises here."""
        new = [job for job in dict.fromkeys(jobs) if job not in self._outcomes]
        with ThreadPoolExecutor(self.workers) as pool:
            for job, outcome in zip(new, pool.map(self._outcome, new), strict=True):
                self._outcomes[job] = outcome
        return [self._outcomes[job] for job in jobs]

    def _tested_walls(self) -> tuple[str, ...]:
        """Names of the walls that stand, asked of a process that runs nothing; then one of them is run against."""
        report, status = self._process(Job(""))
        said = parsed(report)
        if said.get("kind") != "values":
            reason = said.get("detail", f"the process ended with status {status}")
            raise SandboxUnavailable(f"sandbox: {reason}. Nothing is run without it: leave tasks with code out.")
        attempt = self._outcome(Job("open('/')"))
        if attempt.kind is not Outcome.FORBIDDEN:
            raise SandboxUnavailable(f"sandbox: code could ask for a file ({attempt}). Nothing is run here.")
        return tuple(said["walls"])

    def _outcome(self, job: Job) -> SandboxOutcome:
        try:
            report, status = self._process(job)
        except _Stopped as stop:
            return stop.outcome
        return outcome_of(report, status, job.assertions)

    def _process(self, job: Job) -> tuple[bytes, int]:
        """Report and exit status of the job's process; its whole group is gone on return."""
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-S", "-B", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env={"PYTHONHASHSEED": "0"},  # sets come out in the same order each time; the process clears it
            start_new_session=True,
        )
        with process:
            try:
                return self._report(process, job), process.wait(timeout=self.limits.seconds)
            except subprocess.TimeoutExpired:
                raise _Stopped(SandboxOutcome(Outcome.TIMEOUT, "past the deadline")) from None
            finally:
                _kill_group(process)

    def _report(self, process: subprocess.Popen[bytes], job: Job) -> bytes:
        asked = {"code": job.code, "calls": [assertion.call for assertion in job.assertions], **asdict(self.limits)}
        assert process.stdin is not None  # noqa: S101 - pipes were asked for
        try:
            process.stdin.write(marshal.dumps(asked))
            process.stdin.close()
        except BrokenPipeError:  # it died before it read the job: its status tells
            pass
        deadline, report, kept = time.monotonic() + self.limits.seconds, b"", 0
        with selectors.DefaultSelector() as selector:
            for pipe in (process.stdout, process.stderr):
                assert pipe is not None  # noqa: S101
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                left = deadline - time.monotonic()
                ready = selector.select(left) if left > 0 else []
                if not ready:
                    raise _Stopped(SandboxOutcome(Outcome.TIMEOUT, "past the deadline"))
                for key, _ in ready:
                    chunk = os.read(key.fd, _CHUNK)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    kept += len(chunk)
                    report += chunk if key.fileobj is process.stdout else b""
                if kept > self.limits.output_kib << 10:
                    raise _Stopped(SandboxOutcome(Outcome.OUTPUT, f"more than {self.limits.output_kib} KiB"))
        return report


class _Stopped(Exception):
    def __init__(self, outcome: SandboxOutcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process's group; its number is its own as long as nobody waited for it."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
