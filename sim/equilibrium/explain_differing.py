"""The words for a game whose accounts differ, or crowd each other on a network."""

from __future__ import annotations

import networkx as nx
import numpy as np

from sim.arrays import Array
from sim.equilibrium.crowding import SharedCrowding
from sim.equilibrium.heterogeneous import HeterogeneousEquilibrium, NotSettledError, heterogeneous_equilibrium
from sim.equilibrium.stability import stability_number
from sim.equilibrium.uniqueness import uniqueness
from sim.equilibrium.wording import THRESHOLD, joined, number, weights
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame


def explain_differing(game: HeterogeneousGame) -> str:
    """One paragraph on one equilibrium of the game; see `explain`."""
    sentences = [_setting(game)]
    try:
        found = heterogeneous_equilibrium(game)
    except NotSettledError as lost:
        sentences.append(
            f"No equilibrium was reached: after {lost.sweeps} sweeps of best responses an account can still gain"
            f" {number(lost.exploitability)}."
        )
        result = uniqueness(game)
    else:
        sentences += _equilibrium(game, found)
        result = found.uniqueness
    only = "It is the only equilibrium" if result.unique else "It need not be the only equilibrium"
    state = "holds" if result.unique else "is not established"
    sentences.append(f"{only}: {result.condition} {state}, margin {number(result.margin)}.")
    return " ".join([*sentences, *_alike(game)])


def _setting(game: HeterogeneousGame) -> str:
    terms = np.hstack([game.attractiveness, game.incentives, game.kinds[:, None].astype(np.float64)])
    sorts = len(np.unique(terms, axis=0))
    many = "1 account" if game.accounts == 1 else f"{game.accounts} accounts"
    differ = "alike in their terms" if sorts == 1 else f"of {sorts} different terms"
    where = "everyone crowding everyone" if game.network is None else _network(game)
    return f"{many}, {differ}, choose mixtures over {game.dimension} groups, {where}."


def _network(game: HeterogeneousGame) -> str:
    network = game.network
    if network is None:
        return ""
    graph = nx.from_scipy_sparse_array(network.adjacency, create_using=nx.DiGraph)
    parts = nx.number_weakly_connected_components(graph)
    alone = int((network.degrees == 0).sum())
    degrees = network.degrees
    span = f"{degrees.min()}" if degrees.min() == degrees.max() else f"{degrees.min()} to {degrees.max()}"
    pieces = "" if parts == 1 else f" in {parts} parts that are games of their own"
    lonely = "" if alone == 0 else f"; {alone} account(s) that nobody crowds decide alone"
    kind = "" if network.symmetric else "directed "
    return f"on a {kind}network with {span} neighbours each{pieces}{lonely}"


def _equilibrium(game: HeterogeneousGame, found: HeterogeneousEquilibrium) -> list[str]:
    mean: Array = found.profile.mean(axis=0)
    said = [f"An equilibrium, certified to {found.exploitability:.1e}, has mean weights {weights(game.groups, mean)}."]
    spread = float(np.ptp(found.profile, axis=0).max())
    said.append(f"Accounts differ by up to {number(spread)} in a weight." if spread > 1e-9 else "Accounts play alike.")
    highest = found.profile.max(axis=0)
    absent, low = np.flatnonzero(highest <= 0), np.flatnonzero((highest > 0) & (highest < THRESHOLD))
    if found.interior:
        said.append("Every account uses every group.")
    else:
        some = int((found.profile.min(axis=1) <= 0).sum())
        said.append(f"{some} account(s) leave at least one group out.")
    if absent.size:
        said.append(f"No account uses {joined(game.groups, absent)}.")
    if low.size:
        said.append(f"Every account keeps {joined(game.groups, low)} below {THRESHOLD}: excluded.")
    if not found.interior and not absent.size and not low.size:
        said.append("No group is left out by all.")
    return said


def _alike(game: HeterogeneousGame) -> list[str]:
    """What the modes of the network say, where the accounts are identical and crowd each other mutually."""
    try:
        shared = SharedCrowding.of(game)
    except InputError:
        return []
    if shared.total == 0 or game.accounts == 1:
        return ["Nobody is crowded."]
    kappa = stability_number(game)
    least = -float(shared.modes[-1])
    said = f"The least eigenvalue of the normalised network is {number(-least)}, so kappa_max = {number(kappa)}"
    if not np.isfinite(kappa):
        return [f"{said}: crowding acts where inconsistency costs nothing, and accounts specialise."]
    side = "below 1: accounts can stay alike" if kappa < 1 else "not below 1: neighbours specialise against each other"
    if kappa <= 0:
        return [f"{said}, {side}."]
    now = float(game.incentives[0, 2])
    return [f"{said}, {side}. Asymmetric equilibria appear above bD = {number(now / kappa)} (now {number(now)})."]
