"""Two fits of the incentives that a platform induces: with given shapes, and with none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.alignment_game import AlignmentGame, Crowding, Incentives
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.draws import Bounds
from sim.estimation.induced.clustered import Estimates, Regression, WaldTest, regress
from sim.estimation.induced.columns import (
    Clusters,
    Columns,
    Intercepts,
    cluster_labels,
    intercept_labels,
    quadratic_columns,
    shape_columns,
)
from sim.estimation.induced.identify import Identification, identification
from sim.estimation.induced.log import PlayLog
from sim.simplex import tangent_basis


class InducedGame(NamedTuple):
    """A game read off coefficients.

    Attributes:
        game: The game.
        mended: How much had to be added to make it a game: the most negative curvature of C on the tangent space
            that was raised to zero (full fit), or the most negative incentive (scalar fit); 0 for none.
    """

    game: AlignmentGame
    mended: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ScalarFit:
    """bA, bI and bD for given a, C and S.

    Attributes:
        shapes: Game that gave a, C and S, with its groups; its own incentives play no part.
        regression: The fit; its first three coefficients are bA, bI, bD.
        columns: What was fitted.
        identification: What the log can tell.
        crowding: As of the log.
    """

    shapes: AlignmentGame
    regression: Regression
    columns: Columns
    identification: Identification
    crowding: Crowding

    @property
    def incentives(self) -> Estimates:
        """bA, bI, bD with standard errors and degrees of freedom, (3,); NaN where not told. Negative ones stay so."""
        return self.regression.combine(np.eye(3, len(self.columns.terms)))

    def test(self, incentives: Incentives) -> WaldTest:
        """Test that the platform induces these incentives, all three at once."""
        values = np.array([incentives.attractiveness, incentives.inconsistency, incentives.diversity])
        return self.regression.test(np.eye(3, len(self.columns.terms)), values)

    def induced(self, accounts: int, coefficients: Array | None = None) -> InducedGame:
        """The induced game of so many accounts; an incentive below zero counts as zero.

        Args:
            accounts: M.
            coefficients: Of a draw, (k,); None for the estimate.

        Raises:
            NotIdentifiedError: A coefficient is not told.
        """
        self.identification.require("attractiveness", "inconsistency", "crowding")
        values = (self.regression.coefficients if coefficients is None else coefficients)[:3]
        game = AlignmentGame(
            attractiveness=self.shapes.attractiveness,
            inconsistency=self.shapes.inconsistency,
            similarity=self.shapes.similarity,
            incentives=Incentives(*(float(value) for value in np.maximum(values, 0.0))),
            accounts=accounts,
            crowding=self.crowding,
            directed=self.shapes.directed,
            groups=self.shapes.groups,
        )
        return InducedGame(game, float(np.maximum(-values, 0.0).max()))


@dataclass(frozen=True, eq=False, kw_only=True)
class FullFit:
    """Linear, quadratic and crowding parts without given shapes, as far as any log can tell them.

    The gauge: bA a sums to zero, and every row and column of bI C and of bD S does. A real a, C or S differs from these
    by what changes no equilibrium.

    Attributes:
        regression: The fit, in tangent coordinates (see `columns`).
        columns: What was fitted.
        identification: What the log can tell.
        symmetric: Whether S was taken to be symmetric.
        crowding: As of the log.
        groups: Names of the groups, or None.
        dimension: D.
    """

    regression: Regression
    columns: Columns
    identification: Identification
    symmetric: bool
    crowding: Crowding
    groups: tuple[str, ...] | None
    dimension: int

    @property
    def attractiveness(self) -> Estimates:
        """Attractiveness bA a in the gauge, (D,): slope in each weight at the uniform profile, less their mean."""
        return self.regression.combine(self._maps()[0])

    @property
    def inconsistency(self) -> Estimates:
        """Inconsistency bI C in the gauge, (D * D,), row by row."""
        return self.regression.combine(self._maps()[1])

    @property
    def similarity(self) -> Estimates:
        """Similarity bD S in the gauge, (D * D,), row by row."""
        return self.regression.combine(self._maps()[2])

    def symmetry(self) -> WaldTest:
        """Test that S is symmetric on the tangent space: that crowding and being crowded are the same.

        Raises:
            InputError: The fit took it for granted.
        """
        if self.symmetric:
            raise InputError("symmetric", True, "this fit takes S to be symmetric; fit with symmetric=False")
        size = self.dimension - 1
        place = self.columns.of("crowding").reshape(size, size)
        rows = np.zeros((size * (size - 1) // 2, len(self.columns.terms)))
        for row, (i, j) in enumerate(zip(*np.triu_indices(size, 1), strict=True)):
            rows[row, place[i, j]], rows[row, place[j, i]] = 1.0, -1.0
        return self.regression.test(rows)

    def induced(self, accounts: int, coefficients: Array | None = None) -> InducedGame:
        """The induced game of so many accounts, in the gauge, with incentives (1, 1, 1).

        Args:
            accounts: M.
            coefficients: Of a draw, (k,); None for the estimate.

        Raises:
            NotIdentifiedError: A coefficient is not told.
        """
        self.identification.require("attractiveness", "inconsistency", "crowding")
        values = self.regression.coefficients if coefficients is None else coefficients
        pull, own, crowd = (each @ values for each in self._maps())
        matrix = own.reshape(self.dimension, self.dimension)
        curvature, modes = np.linalg.eigh(matrix)
        # The gauge direction has curvature zero up to rounding; only the tangent space counts.
        least = float(curvature[0]) if curvature[0] < -1e-9 * float(np.abs(curvature).max()) else 0.0
        convex = (modes * np.maximum(curvature, 0.0)) @ modes.T
        game = AlignmentGame(
            attractiveness=pull,
            inconsistency=(convex + convex.T) / 2,
            similarity=crowd.reshape(self.dimension, self.dimension),
            incentives=Incentives(1.0, 1.0, 1.0),
            accounts=accounts,
            crowding=self.crowding,
            directed=not self.symmetric,
            groups=self.groups,
        )
        return InducedGame(game, abs(least))

    def _maps(self) -> tuple[Array, Array, Array]:
        """From coefficients to bA a (D,), bI C (D * D,) and bD S (D * D,) in the gauge."""
        basis, count = tangent_basis(self.dimension), len(self.columns.terms)
        size = self.dimension - 1
        pull = np.zeros((self.dimension, count))
        pull[:, self.columns.of("attractiveness")] = basis
        both = np.kron(basis, basis)
        upper = np.triu_indices(size)
        spread = np.zeros((size, size, upper[0].size))
        entry = np.arange(upper[0].size)
        spread[upper[0], upper[1], entry] = spread[upper[1], upper[0], entry] = 1.0
        folded = spread.reshape(size * size, -1)
        own = np.zeros((self.dimension**2, count))
        own[:, self.columns.of("inconsistency")] = both @ folded / 2
        crowd = np.zeros((self.dimension**2, count))
        crowd[:, self.columns.of("crowding")] = both @ folded if self.symmetric else both
        return pull, own, crowd


InducedFit = ScalarFit | FullFit


def fit_scalar(
    log: PlayLog,
    shapes: AlignmentGame,
    *,
    clusters: Clusters = "round",
    intercepts: Intercepts = "common",
    nuisance: bool = True,
) -> ScalarFit:
    """Fit bA, bI and bD for the a, C and S of a game (theory of the alignment game, section 2).

    Args:
        log: The log.
        shapes: A game with the log's groups; its incentives and number of accounts play no part.
        clusters: Rows that may share errors: those of a "round", of an "account", or only each "row" with itself.
        intercepts: One level of payoffs for all ("common"), or one per "account" or "round".
        nuisance: Whether payoffs may also depend on what the others play, whatever one plays. With intercepts by round
            it is left to these: within a round the others' mean moves against one's own mixture and with nothing else.

    Raises:
        NotIdentifiedError: None of the three is told.
        InputError: Other groups than the log's, or too few rows or clusters.

    >>> from sim.randomness import generator
    >>> game = AlignmentGame(
    ...     attractiveness=np.array([0.5, 0.3, 0.2]), inconsistency=np.diag([0.3, 0.3, 0.6]), similarity=np.eye(3),
    ...     incentives=Incentives(1.0, 0.8, 0.4), accounts=4,
    ... )
    >>> rng = generator(0, round=0, agent=-1, purpose="doc")
    >>> profiles = rng.dirichlet(np.ones(3), size=(50, 4))
    >>> paid = np.stack([game.payoffs(profile) for profile in profiles]) + 0.01 * rng.normal(size=(50, 4))
    >>> fit_scalar(PlayLog.of_play(profiles, paid), game).incentives.values.round(1).tolist()
    [1.0, 0.8, 0.4]
    """
    if shapes.dimension != log.dimension:
        raise InputError("shapes", f"{shapes.dimension} groups", f"the log has {log.dimension}")
    if shapes.groups is not None and log.groups is not None and shapes.groups != log.groups:
        raise InputError("shapes.groups", shapes.groups, f"expected the log's, in its order: {log.groups}")
    columns = shape_columns(
        log,
        attractiveness=shapes.attractiveness,
        inconsistency=shapes.inconsistency,
        similarity=shapes.similarity,
        nuisance=nuisance and intercepts != "round",
    )
    regression = _fitted(log, columns, clusters, intercepts)
    return ScalarFit(
        shapes=shapes,
        regression=regression,
        columns=columns,
        identification=identification(log, columns, regression),
        crowding=log.crowding,
    )


def fit_full(
    log: PlayLog,
    *,
    clusters: Clusters = "round",
    intercepts: Intercepts = "common",
    symmetric: bool = False,
    nuisance: bool = True,
) -> FullFit:
    """Fit the linear, quadratic and crowding parts of the utility without given shapes.

    Args:
        log: The log.
        clusters: As of `fit_scalar`.
        intercepts: As of `fit_scalar`.
        symmetric: Take S to be symmetric: fewer coefficients, smaller errors; `FullFit.symmetry` tests it.
        nuisance: As of `fit_scalar`.

    Raises:
        NotIdentifiedError: Nothing is told.
        InputError: Too few rows or clusters; or crowding summed over numbers of others that differ.
    """
    columns = quadratic_columns(log, symmetric=symmetric, nuisance=nuisance and intercepts != "round")
    regression = _fitted(log, columns, clusters, intercepts)
    return FullFit(
        regression=regression,
        columns=columns,
        identification=identification(log, columns, regression),
        symmetric=symmetric,
        crowding=log.crowding,
        groups=log.groups,
        dimension=log.dimension,
    )


def as_matrix(estimates: Estimates, confidence: float = 0.95) -> tuple[Array, Bounds]:
    """Estimates of D * D entries as a matrix with the ends of their intervals, (D, D) each."""
    size = round(len(estimates.values) ** 0.5)
    low, high = estimates.interval(confidence)
    return estimates.values.reshape(size, size), Bounds(low.reshape(size, size), high.reshape(size, size))


def _fitted(log: PlayLog, columns: Columns, clusters: Clusters, intercepts: Intercepts) -> Regression:
    return regress(
        columns.terms,
        columns.values,
        log.payoffs,
        cluster_labels(log, clusters),
        intercept_labels(log, intercepts),
    )
