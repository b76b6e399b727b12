"""The points of a sweep as tasks on a Ray cluster, which gives them to other nodes when one is lost."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from experiments.sweep.environment import passed_on, thread_variables
from experiments.sweep.point import Row, Task, UnfitWorker, run_point
from sim.errors import InputError

AT_ONCE = 64  # results taken per look
_NO_CLUSTER = "no cluster answers; start one with `ray start --head`"


def on_ray(
    tasks: Sequence[Task],
    *,
    address: str,
    cpus: int,
    gpus: float,
    retries: int,
    work: Callable[[Task], Row] = run_point,
) -> Iterator[Row | None]:
    """Run tasks on a cluster.

    A task is one point: workers live on from task to task, so imports and merged configurations are paid for once
    each, and handing a task out costs a few milliseconds.

    Args:
        tasks: What to run.
        address: Of the cluster: "auto" or host:port.
        cpus: Cores of a task.
        gpus: GPUs of a task.
        retries: How often a task is run again whose worker or node was lost.
        work: What runs a task.

    Yields:
        A row as soon as it is there; None each second without one.

    Raises:
        InputError: Ray isn't installed, or no cluster answers.
        UnfitWorker: As `work` does.
    """
    ray = _connected(address, cpus)
    try:
        _check_resources(ray, cpus, gpus)
        remote = ray.remote(work).options(num_cpus=cpus, num_gpus=gpus, max_retries=retries)
        waiting = {remote.remote(task): task for task in tasks}
        while waiting:
            first, _ = ray.wait(list(waiting), timeout=1.0)
            if not first:
                yield None
                continue
            ready, _ = ray.wait(list(waiting), num_returns=min(AT_ONCE, len(waiting)), timeout=0)
            for reference in ready:
                yield _row(ray, reference, waiting.pop(reference), retries)
    finally:
        ray.shutdown()


def _connected(address: str, cpus: int) -> Any:
    try:
        import ray
    except ImportError as error:
        raise InputError("sweep.address", address, "needs Ray: pip install 'equipolis[ray]' on every node") from error
    _check_address(address)
    try:
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level="ERROR",
            runtime_env={"env_vars": {**thread_variables(cpus), **passed_on()}},
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError("sweep.address", address, f"{_NO_CLUSTER} ({str(error).splitlines()[0]})") from error
    return ray


def _check_address(address: str) -> None:
    """Ray itself goes on knocking for a quarter of an hour where nobody listens."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():
        return  # a word of Ray's own, such as auto
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise InputError("sweep.address", address, f"{_NO_CLUSTER} ({error})") from error


def _check_resources(ray: Any, cpus: int, gpus: float) -> None:
    """Refuse a point that fits on no node: it would wait for ever."""
    fits = [
        node["Resources"].get("CPU", 0) >= cpus and node["Resources"].get("GPU", 0) >= gpus
        for node in ray.nodes()
        if node["Alive"]
    ]
    if not any(fits):
        raise InputError("sweep.cpus, sweep.gpus", f"{cpus}, {gpus:g}", "no node of the cluster has as many")


def _row(ray: Any, reference: Any, task: Task, retries: int) -> Row:
    try:
        row: Row = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, UnfitWorker):
            raise error.cause from None
        message = f"{type(error.cause).__name__}: {error.cause}"
    except ray.exceptions.RayError as error:
        message = f"lost {retries + 1} times, last: {type(error).__name__}; a lack of memory is the usual reason"
    else:
        return row
    return Row(number=task.number, overrides=task.overrides, state="failed", message=message)
