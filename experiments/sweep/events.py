"""Who ran what: each worker of a sweep notes in a file of its own which point it begins and ends."""

from __future__ import annotations

import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

FOLDER = "workers"


class Journal:
    """What one worker writes; lines are appended whole.

    Args:
        sweep: Directory of the sweep.
        start: Which start of the sweep this is.

    Attributes:
        log: File for what the runs print.
    """

    def __init__(self, sweep: Path, start: str) -> None:
        folder = sweep / FOLDER
        folder.mkdir(exist_ok=True)
        name = f"{socket.gethostname()}-{os.getpid()}"
        self.log = folder / f"{name}.log"
        self._file = folder / f"{name}.jsonl"
        self._start = start

    def began(self, point: int) -> None:
        """Note that the worker begins a point."""
        self._note(point, "running")

    def ended(self, point: int, state: str) -> None:
        """Note what became of it: the state in its row, or "before" if it was done already."""
        self._note(point, state)

    def _note(self, point: int, state: str) -> None:
        line = json.dumps({"start": self._start, "point": point, "state": state})
        with self._file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


class Journals:
    """What all workers wrote, read on as it grows.

    Args:
        sweep: Directory of the sweep.
        start: The start of the sweep whose running points count.

    Attributes:
        attempts: Point to how often it was begun, over all starts.
    """

    def __init__(self, sweep: Path, start: str) -> None:
        self.attempts: Counter[int] = Counter()
        self._folder = sweep / FOLDER
        self._start = start
        self._read: dict[Path, int] = {}
        self._running: dict[Path, int | None] = {}

    def running(self, over: set[int]) -> set[int]:
        """The points that a worker is running now.

        Args:
            over: Points known to be over: a lost worker never wrote that its own was.
        """
        for file in sorted(self._folder.glob("*.jsonl")):
            for point, state, start in self._new_lines(file):
                self.attempts[point] += state == "running"
                self._running[file] = point if state == "running" and start == self._start else None
        return {point for point in self._running.values() if point is not None} - over

    def _new_lines(self, file: Path) -> Iterator[tuple[int, str, str]]:
        with file.open("rb") as lines:
            lines.seek(self._read.get(file, 0))
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._read[file] = self._read.get(file, 0) + len(line)
                noted = json.loads(line)
                yield int(noted["point"]), str(noted["state"]), str(noted["start"])
