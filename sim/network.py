"""Who crowds whom: the neighbours of every account, from a networkx graph."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sim.arrays import Array
from sim.errors import InputError


@dataclass(frozen=True, eq=False)
class Network:
    """Neighbours of every account in compressed rows: those of m are indices[indptr[m] : indptr[m + 1]].

    Attributes:
        indptr: Where each account's neighbours begin, shape (M + 1,).
        indices: Neighbours, ascending within an account, shape (number of arcs,).
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int64]

    @classmethod
    def of(cls, graph: nx.Graph) -> Network:
        """Neighbours in `graph`; account m is the m-th node in the graph's own order.

        In a directed graph an account is crowded by its successors: those it follows. Attributes of nodes and edges
        are not used. A node without neighbours is an account that nobody crowds; the parts of a disconnected graph
        are games of their own.

        Raises:
            InputError: Not a graph, no node, an account that is its own neighbour, or parallel edges.
        """
        if not isinstance(graph, nx.Graph):
            raise InputError("network", type(graph).__name__, "expected a networkx graph with one node per account")
        if graph.number_of_nodes() == 0:
            raise InputError("network", "a graph without nodes", "expected one node per account")
        if graph.is_multigraph():
            raise InputError("network", "a multigraph", "an account crowds another once: nx.Graph(graph) merges edges")
        loops = next(iter(nx.selfloop_edges(graph)), None)
        if loops is not None:
            remedy = "an account is not its own neighbour; graph.remove_edges_from(list(nx.selfloop_edges(graph)))"
            raise InputError("network", f"a loop at node {loops[0]!r}", remedy)
        rows = nx.to_scipy_sparse_array(graph, dtype=np.float64, weight=None, format="csr")
        rows.sort_indices()
        return cls(_frozen(rows.indptr), _frozen(rows.indices))

    @property
    def accounts(self) -> int:
        """Number of accounts M."""
        return self.indptr.size - 1

    @property
    def degrees(self) -> NDArray[np.int64]:
        """Number of neighbours of each account, shape (M,)."""
        return np.diff(self.indptr)

    @property
    def symmetric(self) -> bool:
        """Whether every account crowds those that crowd it."""
        rows = self.adjacency
        return bool((rows != rows.T).nnz == 0)

    @property
    def adjacency(self) -> csr_array:
        """The 0/1 matrix with a one where column n is a neighbour of row m, sparse, shape (M, M)."""
        return csr_array((np.ones(self.indices.size), self.indices, self.indptr), shape=(self.accounts,) * 2)

    def neighbours(self, account: int) -> NDArray[np.int64]:
        """Neighbours of one account, ascending."""
        return self.indices[self.indptr[account] : self.indptr[account + 1]]

    def sums(self, profile: Array) -> Array:
        """Sum of the neighbours' mixtures, shape (M, D)."""
        total: Array = self.adjacency @ profile
        return total


def _frozen(values: NDArray[np.integer]) -> NDArray[np.int64]:
    whole = values.astype(np.int64)
    whole.setflags(write=False)
    return whole
