"""The points of a sweep in processes of this machine, which live on from point to point."""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait

from experiments.sweep.environment import threads
from experiments.sweep.point import Row, Task, UnfitWorker, run_point

STOP_S = 10.0


class Worker:
    """A process that works off one task after the other.

    Args:
        work: What runs a task.
        cpus: Threads of the process.
    """

    def __init__(self, work: Callable[[Task], Row], cpus: int) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would share the caller's threads and locks
        self.pipe, theirs = context.Pipe()
        self.task: Task | None = None
        self._process = context.Process(target=_work_off, args=(theirs, work))
        with threads(cpus):
            self._process.start()
        theirs.close()

    def give(self, task: Task) -> None:
        """Hand out a task; `result` has its row when the pipe is ready."""
        self.task = task
        self.pipe.send(task)

    def result(self) -> Row:
        """The row of the task.

        Raises:
            UnfitWorker: The worker can't run any task.
            EOFError: The process has died.
        """
        found: Row | UnfitWorker = self.pipe.recv()
        self.task = None
        if isinstance(found, UnfitWorker):
            raise found
        return found

    def stop(self) -> str:
        """End the process, in the middle of a run as Ctrl-C would; says how it ended."""
        self.pipe.close()
        if self.task is not None:
            self._process.terminate()
        self._process.join(STOP_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        code = self._process.exitcode or 0
        return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def in_processes(
    tasks: Sequence[Task], *, workers: int, cpus: int, retries: int, work: Callable[[Task], Row] = run_point
) -> Iterator[Row | None]:
    """Run tasks, several at once.

    Args:
        tasks: What to run.
        workers: Processes.
        cpus: Threads of each.
        retries: How often a task is run again whose process died.
        work: What runs a task.

    Yields:
        A row as soon as it is there; None each second without one.

    Raises:
        UnfitWorker: As `work` does.
    """
    waiting = deque(tasks)
    deaths: Counter[int] = Counter()
    team = [Worker(work, cpus) for _ in range(min(workers, len(tasks)))]
    try:
        while waiting or any(worker.task for worker in team):
            for worker in team:
                if waiting and worker.task is None:
                    worker.give(waiting.popleft())
            by_pipe = {worker.pipe: worker for worker in team if worker.task}
            ready = wait(list(by_pipe), timeout=1.0)
            if not ready:
                yield None
            for pipe, worker in by_pipe.items():
                if pipe not in ready:
                    continue
                task = worker.task
                assert task is not None  # noqa: S101 - narrows the type
                try:
                    row = worker.result()
                except (EOFError, ConnectionResetError):
                    team.remove(worker)
                    how = worker.stop()
                    team.append(Worker(work, cpus))
                    deaths[task.number] += 1
                    if deaths[task.number] <= retries:
                        waiting.append(task)
                        continue
                    row = _lost(task, how, deaths[task.number])
                yield row
    finally:
        for worker in team:
            worker.stop()


def _work_off(pipe: Connection, work: Callable[[Task], Row]) -> None:
    """Work until no more comes. Ctrl-C is for the process that started this one, which then ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            task = pipe.recv()
            try:
                result: Row | UnfitWorker = work(task)
            except UnfitWorker as error:
                result = error
            pipe.send(result)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return


def _lost(task: Task, how: str, times: int) -> Row:
    message = (
        f"its process died {times} times, last by {how}; a lack of memory is the usual reason: lower sweep.workers"
    )
    return Row(number=task.number, overrides=task.overrides, state="failed", message=message)
