"""Random populations of every shape, and the definition of a best response in plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest

from sim.population import Population
from sim.quadratic import maximise_on_simplex


def ring_with_chords(accounts: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """CSR arrays of a connected random graph in which the last account has no neighbours."""
    graph = nx.cycle_graph(accounts - 1)
    rng = np.random.default_rng(seed)
    graph.add_edges_from(pair for pair in rng.integers(accounts - 1, size=(accounts, 2)).tolist() if pair[0] != pair[1])
    graph.add_node(accounts - 1)
    table = nx.to_scipy_sparse_array(graph, nodelist=range(accounts), format="csr", weight=None)
    return table.indptr, table.indices


@pytest.fixture
def make_population() -> Callable[..., Population]:
    """Maker of random populations from a seed: D groups, M accounts, on a graph or not, alike or not."""

    def make(
        seed: int,
        accounts: int = 40,
        dimension: int = 5,
        *,
        kinds: int = 3,
        sparse: bool = False,
        alike: bool = False,
        crowd: float = 1.0,
        symmetric: bool = False,
    ) -> Population:
        rng = np.random.default_rng(seed)
        factors = rng.normal(size=(1 if alike else kinds, dimension, dimension)) / np.sqrt(dimension)
        curvatures = 2 * (factors @ factors.transpose(0, 2, 1) + 0.2 * np.eye(dimension))
        similarity = rng.normal(size=(dimension, dimension)) / dimension
        similarity = (
            similarity @ similarity.T + 0.1 * np.eye(dimension) if symmetric else similarity + np.eye(dimension)
        )
        degree = 4 if sparse else accounts - 1
        return Population(
            linear=rng.normal(size=dimension if alike else (accounts, dimension)),
            curvatures=curvatures,
            similarity=similarity,
            accounts=accounts,
            kinds=None if alike else rng.integers(kinds, size=accounts),
            price=crowd / degree if alike else crowd * rng.uniform(0.5, 1.5, size=accounts) / degree,
            neighbours=ring_with_chords(accounts, seed) if sparse else None,
        )

    return make


@pytest.fixture
def linear_term() -> Callable[[Population, np.ndarray, int], np.ndarray]:
    """q_m on the definition, by a loop over the other accounts."""

    def term(population: Population, mixtures: np.ndarray, account: int) -> np.ndarray:
        if population.neighbours is None:
            others = [n for n in range(population.accounts) if n != account]
        else:
            starts, indices = population.terms.starts, population.terms.neighbours
            others = indices[starts[account] : starts[account + 1]].tolist()
        crowd = np.zeros(population.dimension)
        for other in others:
            crowd += population.similarity @ mixtures[other]
        own = np.broadcast_to(population.linear, mixtures.shape)[account]
        return own - np.broadcast_to(population.price, population.accounts)[account] * crowd

    return term


@pytest.fixture
def best_response(linear_term) -> Callable[..., np.ndarray]:
    """Best response of one account on the definition, by sim.quadratic."""

    def respond(population: Population, mixtures: np.ndarray, account: int, floor: float = 0.0) -> np.ndarray:
        kind = np.broadcast_to(population.kinds, population.accounts)[account]
        linear = linear_term(population, mixtures, account)
        return maximise_on_simplex(population.curvatures[kind], linear, floor, near=mixtures[account])

    return respond
