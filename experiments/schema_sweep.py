"""The shape of how a sweep is spread: over processes of this machine, or over the nodes of a Ray cluster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SweepConfig:
    """How the points of a sweep are spread; says nothing about any of them, and a single run ignores it.

    Attributes:
        address: Ray cluster that runs the points: "auto", the one this machine is a node of, or its host:port; null
            for processes of this machine.
        workers: Points at once on this machine; null for as many as its cores allow. On Ray the cluster decides.
        cpus: Cores of one point, and its threads.
        gpus: GPUs of one point, on Ray only.
        retries: How often a point is run again whose process or node was lost.
    """

    address: str | None = None
    workers: int | None = None
    cpus: int = 1
    gpus: float = 0.0
    retries: int = 2
