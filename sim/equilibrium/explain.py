"""A game in words: which case holds, what follows, and what would change it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.alignment_game import AlignmentGame
from sim.equilibrium.alpha_roots import alpha_roots
from sim.equilibrium.crowding import SharedCrowding, on_tangent, skew_pull
from sim.equilibrium.every_homogeneous import LARGEST, every_homogeneous_equilibrium
from sim.equilibrium.explain_differing import explain_differing
from sim.equilibrium.homogeneous import HomogeneousEquilibrium, homogeneous_equilibrium
from sim.equilibrium.reentry import reentry
from sim.equilibrium.stability import crowding_modes, positive_definite_on_tangent, stability_number
from sim.equilibrium.uniqueness import uniqueness
from sim.equilibrium.wording import THRESHOLD, joined, named, number, weights
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame


def explain(game: AlignmentGame | HeterogeneousGame) -> str:
    """One paragraph: the equilibrium, who is left out and by how much, uniqueness, stability, what would change it.

    Every number is computed for this game; conditions are those of theory of the alignment game, sections 4 and 5.

    Args:
        game: A game; names of groups are used where it has them.

    Raises:
        InputError: Not a game of this package.

    >>> from sim.alignment_game import Incentives
    >>> game = AlignmentGame(
    ...     attractiveness=np.array([2.0, 0.0]), inconsistency=np.eye(2), similarity=np.eye(2),
    ...     incentives=Incentives(2, 1, 1), accounts=3, groups=("news", "sport"),
    ... )
    >>> print(explain(game).split(". ")[0])
    3 identical accounts choose mixtures over 2 groups
    """
    if isinstance(game, HeterogeneousGame):
        return explain_differing(game)
    if not isinstance(game, AlignmentGame):
        raise InputError("game", type(game).__name__, "expected an AlignmentGame or a HeterogeneousGame")
    single = game.accounts == 1
    subject = "1 account chooses a mixture" if single else f"{game.accounts} identical accounts choose mixtures"
    sentences = [f"{subject} over {game.dimension} groups."]
    try:
        found = homogeneous_equilibrium(game)
    except InputError as refused:
        return " ".join([*sentences, *_several(game, refused)])
    sentences += _equilibrium(game, found)
    sentences += _unique(game)
    sentences += _stability(game, found)
    sentences += _continuum(game)
    sentences += _return(game, found)
    return " ".join(sentences)


def _several(game: AlignmentGame, refused: InputError) -> list[str]:
    lead = f"The homogeneous problem is not strictly concave ({refused.value})."
    if game.dimension > LARGEST:
        return [lead, f"With more than {LARGEST} groups its equilibria are not counted."]
    every = every_homogeneous_equilibrium(game)
    count = len(every.equilibria)
    kinds = "no ties, and indices that sum to 1, so the list is complete" if every.generic else "ties or a continuum"
    said = [lead, f"It has {count} homogeneous equilibri{'um' if count == 1 else 'a'} ({kinds})."]
    for each in every.equilibria[:3]:
        tail = ", one of a continuum" if each.continuum else f", index {each.index:+d}" if each.index else ", with ties"
        said.append(f"One is {weights(game.groups, each.mixture)}{tail}.")
    return said


def _equilibrium(game: AlignmentGame, found: HomogeneousEquilibrium) -> list[str]:
    groups = game.groups
    shown = weights(groups, found.mixture)
    if found.interior:
        low = np.flatnonzero(found.mixture < THRESHOLD)
        said = [f"The homogeneous equilibrium is interior: {shown}."]
        if low.size:
            said.append(f"Excluded, though present: {joined(groups, low)}, below {THRESHOLD}.")
        if not found.regular:
            said.append("A is singular on the tangent space: this is the one nearest to uniform of a continuum.")
        return said
    absent = np.flatnonzero(found.mixture <= 0)
    gradient = game.incentives.attractiveness * game.attractiveness - game.consensus_matrix @ found.mixture
    parts = [
        f"{named(groups, d)} earns {number(found.multiplier - gradient[d])} less per unit of weight than the groups in"
        f" use (weight {number(found.relaxed[d])} if weights could be negative)"
        for d in absent
    ]
    said = [f"No interior equilibrium exists; the homogeneous equilibrium is on the boundary: {shown}."]
    return said + ([f"Left out: {'; '.join(parts)}."] if parts else [])


def _unique(game: AlignmentGame) -> list[str]:
    result = uniqueness(game)
    if result.unique:
        return [f"It is the only equilibrium of any kind: {result.condition}."]
    failed = result.condition.replace("A and B positive definite", "A and B are not both positive definite")
    return [f"It need not be the only one: {failed}; {result.follows}."]


def _stability(game: AlignmentGame, found: HomogeneousEquilibrium) -> list[str]:
    if game.accounts == 1:
        return ["A single account is not crowded, so bD has no effect and kappa_max is 0."]
    inside = np.flatnonzero(found.mixture > 0)
    if inside.size == 1:
        return ["Only one group is in use and every other earns less, so every rule comes back after a small push."]
    played, where = game, "The stability number"
    if not found.interior:
        played, where = _restricted(game, inside), "On the groups in use the stability number"
    kappa = stability_number(played)
    if not np.isfinite(kappa):
        return [
            f"{where} kappa_max is infinite: crowding acts where inconsistency costs nothing, so accounts specialise."
        ]
    if not positive_definite_on_tangent(played.curvature(0)):
        return [
            f"{where} kappa_max is {number(kappa)}; own costs are flat in some direction, so best responses can jump."
        ]
    radius = float(np.abs(crowding_modes(played)).max())
    if skew_pull(played.similarity)[1] > 1e-10 * float(np.abs(played.similarity).max()):
        return [_asymmetric(played, where, kappa, radius)]
    if kappa >= 1:
        return [
            f"{where} kappa_max = {number(kappa)} is not below 1: gradient play, replicator and best response leave it"
            " and accounts specialise; a weight of zero in one account is then no exclusion."
        ]
    said = (
        f"{where} kappa_max = {number(kappa)} is below 1: gradient play, replicator and sequential best response return"
        " to it after a small push"
    )
    named_radius = f"(M-1) kappa_max = {number(radius)}"
    if abs(radius - (game.accounts - 1) * kappa) > 1e-9 * radius:
        named_radius = f"the largest |k_j| = {number(radius)}"
    if radius < 1:
        return [f"{said}; {named_radius} is below 1, so simultaneous best response does too."]
    return [
        f"{said}; {named_radius} is not below 1, so simultaneous best response overshoots unless"
        f" damped below {number(2 / (1 + radius))}."
    ]


def _asymmetric(game: AlignmentGame, where: str, kappa: float, radius: float) -> str:
    shared = SharedCrowding.of(game)
    slow = min(float(np.linalg.eigvals(on_tangent(shared.curvature(nu))).real.min()) for nu in shared.modes)
    return (
        "S is asymmetric, so there is no potential: gradient play with small steps"
        f" {'returns' if slow > 0 else 'does not return'} to it (least real part of its modes {number(slow)}),"
        f" simultaneous best response {'returns' if radius < 1 else 'does not'} (largest |k_j| = {number(radius)})."
        f" {where} kappa_max is {number(kappa)}."
    )


def _restricted(game: AlignmentGame, inside: NDArray[np.intp]) -> AlignmentGame:
    square = np.ix_(inside, inside)
    return replace(
        game,
        attractiveness=game.attractiveness[inside],
        inconsistency=game.inconsistency[square],
        similarity=game.similarity[square],
        groups=None,
    )


def _continuum(game: AlignmentGame) -> list[str]:
    if game.accounts == 1:
        return []
    roots = alpha_roots(game)
    if roots.everywhere:
        return ["Neither C nor S sees some direction: accounts can differ along it at any incentives."]
    if not roots.diversity.size or roots.present is None:
        return ["No ratio bD/bI gives a continuum of asymmetric interior equilibria."]
    present = game.incentives.diversity / game.incentives.inconsistency
    distance = np.abs(np.log(roots.diversity / present)) if present > 0 else roots.diversity
    nearest = float(roots.diversity[int(np.argmin(distance))])
    return [
        "Asymmetric interior equilibria exist only at single ratios bD/bI (a continuum each); the nearest is"
        f" {number(nearest)}, the game has {number(present)}."
    ]


def _return(game: AlignmentGame, found: HomogeneousEquilibrium) -> list[str]:
    if found.mixture.min() > 0 or not positive_definite_on_tangent(game.consensus_matrix):
        return []
    said = []
    for each in reentry(game):
        name = named(game.groups, each.group)
        pull = "no smaller bA" if each.attractiveness is None else f"bA below {number(each.attractiveness)}"
        crowd = "no larger bD" if each.diversity is None else f"bD above {number(each.diversity)}"
        said.append(
            f"{name}: {pull} (now {number(game.incentives.attractiveness)}), or {crowd} (now"
            f" {number(game.incentives.diversity)})"
        )
    return [f"What brings a group back, the rest held: {'; '.join(said)}."]
