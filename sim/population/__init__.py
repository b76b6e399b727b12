"""Populations of up to millions of accounts, each with its own terms: steps, certificates and one equilibrium.

Arrays in, arrays out; sim.population.torch_step has the same steps for a GPU and is imported by name only.
"""

from sim.population.certificate import GainBounds, bound_gains, exploitability, unilateral_gains
from sim.population.gradient_step import exponentiated_gradient_step, projected_gradient_step
from sim.population.problem import Population
from sim.population.solve import PopulationEquilibrium, solve_population
from sim.population.step import Move, asynchronous_steps, sequential_sweep, simultaneous_step

__all__ = [
    "GainBounds",
    "Move",
    "Population",
    "PopulationEquilibrium",
    "asynchronous_steps",
    "bound_gains",
    "exploitability",
    "exponentiated_gradient_step",
    "projected_gradient_step",
    "sequential_sweep",
    "simultaneous_step",
    "solve_population",
    "unilateral_gains",
]
