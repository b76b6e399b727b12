"""Where the accounts settle: equilibria, their certificates and their stability."""

from sim.equilibrium.exploitability import exploitability, unilateral_gains
from sim.equilibrium.homogeneous import HomogeneousEquilibrium, homogeneous_equilibrium
from sim.equilibrium.stability import stability_number

__all__ = [
    "HomogeneousEquilibrium",
    "exploitability",
    "homogeneous_equilibrium",
    "stability_number",
    "unilateral_gains",
]
