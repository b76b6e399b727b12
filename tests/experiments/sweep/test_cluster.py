"""A real Ray cluster of two nodes on loopback, of which one is killed in the middle of a sweep."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, swept: Any) -> Iterator[Callable[[int], Any]]:
    """Make a cluster of so many nodes with a core each, 127.0.0.2 the first."""
    for key, value in swept.environment.items():
        monkeypatch.setenv(key, value)
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    made = []

    def make(nodes: int) -> Any:
        made.append(cluster_utils.Cluster())
        for number in range(nodes):
            address = f"127.0.0.{2 + number}"
            made[-1].add_node(
                num_cpus=1, object_store_memory=100 * 2**20, include_dashboard=False, node_ip_address=address
            )
        return made[-1]

    yield make
    for cluster in made:
        cluster.shutdown()


def kill(node: Any) -> None:
    """As a power cut does, at least to what holds a node together."""
    for process in node.all_processes["raylet"]:
        os.kill(process.process.pid, signal.SIGKILL)


def wait_for(condition: Callable[[], bool], seconds: float = 1500.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.2)


def sweep_with_a_node_lost(swept: Any, cluster: Any, points: int, after: int) -> float:
    """Seconds that a sweep takes whose second node is lost when `after` points are done."""
    (_, second) = cluster.list_all_nodes()
    started = time.monotonic()
    driver = swept.start(f"run.seed=range(0,{points})", f"sweep.address={cluster.address}")
    wait_for(lambda: (swept.folder / "sweeps").exists() and sum(swept.noted("done").values()) >= after)
    kill(second)
    assert driver.wait(3600) == 0, swept.printed[-3000:]
    return time.monotonic() - started


def assert_each_point_once(swept: Any, points: int) -> None:
    assert swept.counts["done"] == points
    assert swept.noted("done") == dict.fromkeys(range(points), 1), "each was finished by one worker, once"
    assert len(list(swept.folder.glob("settles-*/DONE"))) == points
    began = swept.noted("running")
    assert set(began) == set(range(points))
    lost = sum(began.values()) - points
    assert 0 <= lost <= 2, "only what the lost node was at began twice"
    assert len(swept.table["process"].unique()) >= 2, "both nodes had a part"


def test_a_sweep_survives_the_loss_of_a_node(swept: Any, cluster: Any) -> None:
    sweep_with_a_node_lost(swept, cluster(2), points=60, after=15)
    assert_each_point_once(swept, 60)
    assert swept.run("run.seed=range(0,60)", "sweep.workers=1") == 0, "the same sweep, now without a cluster"
    assert "60 were done before" in " ".join(swept.printed.split())


@pytest.mark.full
def test_a_thousand_points_with_a_node_lost(swept: Any, cluster: Any) -> None:
    two = sweep_with_a_node_lost(swept, cluster(2), points=1000, after=600)
    assert_each_point_once(swept, 1000)
    swept.folder = swept.folder / "alone"
    swept.folder.mkdir()
    started = time.monotonic()
    assert swept.run("run.seed=range(0,1000)", f"sweep.address={cluster(1).address}") == 0
    one = time.monotonic() - started
    handed_out = (one - float(swept.table["seconds"].sum())) / 1000
    print(f"1,000 points: two nodes, one lost after 600: {two:.0f} s; one node: {one:.0f} s; ratio {two / one:.2f}")
    print(f"on one node, all but the points themselves: {1e3 * handed_out:.0f} ms per point, start included")


def test_no_cluster_at_the_address_is_said(swept: Any) -> None:
    pytest.importorskip("ray")
    assert swept.run("run.seed=0,1", "sweep.address=127.0.0.9:1") == 2
    assert "no cluster answers" in " ".join(swept.printed.split())
