"""Where the accounts settle: equilibria, their certificates, their stability, and the words for them."""

from sim.equilibrium.alpha_roots import AlphaRoots, ContinuumMember, alpha_roots, continuum_member
from sim.equilibrium.asymmetric import FoundEquilibria, FoundEquilibrium, asymmetric_equilibria
from sim.equilibrium.comparative_statics import ComparativeStatics, comparative_statics
from sim.equilibrium.every_homogeneous import (
    HomogeneousEquilibria,
    SymmetricEquilibrium,
    every_homogeneous_equilibrium,
)
from sim.equilibrium.explain import explain
from sim.equilibrium.exploitability import distance_bound, exploitability, unilateral_gains
from sim.equilibrium.heterogeneous import HeterogeneousEquilibrium, NotSettledError, heterogeneous_equilibrium
from sim.equilibrium.homogeneous import HomogeneousEquilibrium, homogeneous_equilibrium
from sim.equilibrium.limits import CoefficientLimits, coefficient_limits, diversity_for_weight
from sim.equilibrium.reentry import Reentry, reentry
from sim.equilibrium.stability import crowding_modes, stability_number
from sim.equilibrium.uniqueness import Uniqueness, uniqueness
from sim.equilibrium.verdicts import StabilityVerdict, stability_verdicts

__all__ = [
    "AlphaRoots",
    "CoefficientLimits",
    "ComparativeStatics",
    "ContinuumMember",
    "FoundEquilibria",
    "FoundEquilibrium",
    "HeterogeneousEquilibrium",
    "HomogeneousEquilibria",
    "HomogeneousEquilibrium",
    "NotSettledError",
    "Reentry",
    "StabilityVerdict",
    "SymmetricEquilibrium",
    "Uniqueness",
    "alpha_roots",
    "asymmetric_equilibria",
    "coefficient_limits",
    "comparative_statics",
    "continuum_member",
    "crowding_modes",
    "distance_bound",
    "diversity_for_weight",
    "every_homogeneous_equilibrium",
    "explain",
    "exploitability",
    "heterogeneous_equilibrium",
    "homogeneous_equilibrium",
    "reentry",
    "stability_number",
    "stability_verdicts",
    "unilateral_gains",
    "uniqueness",
]
