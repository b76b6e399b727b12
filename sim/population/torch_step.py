"""Steps of a whole population with torch, on a GPU or a CPU: the same interface and the same results to tolerance.

The only file of sim/ that needs torch. Import it by name; sim.population does not.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike

from sim.arrays import Array, positive
from sim.errors import InputError
from sim.population.checks import checked_damping, checked_floor
from sim.population.layout import SCALE, STRICT
from sim.population.pivot_table import laws_of
from sim.population.problem import Population
from sim.quadratic import maximise_on_simplex

_TABLE_ACCOUNTS = 1 << 18
_ROUNDS = 12
_NOISE = 64 * 2.220446049250313e-16


@dataclass(frozen=True, eq=False)
class TorchMove:
    """Where a step took the population.

    Attributes:
        mixtures: Mixture of each account, on the device, shape (M, D).
        supports: Groups with weight in each last best response, bool, shape (M, D); give it to the next step.
    """

    mixtures: torch.Tensor
    supports: torch.Tensor


class TorchPopulation:
    """A population on a device, in double precision.

    Memory per account on the device: as for Population, and about 8 (D + 3) D bytes while a step runs, for `batch`
    accounts at a time.
    """

    def __init__(self, population: Population, device: str = "cpu", batch: int = 1 << 16) -> None:
        """Copy a population to `device`.

        Raises:
            InputError: A kind of curvature is singular or nearly so on the tangent space: use sim.population for it.
        """
        laws = laws_of(population.curvatures, max(population.accounts, _TABLE_ACCOUNTS))
        size = population.dimension
        facts = laws.matrices[:, 2 * size + 2]
        if not facts[:, STRICT].all():
            flat = int(np.argmin(facts[:, STRICT]))
            remedy = "is flat on the tangent space; sim.population answers such accounts one by one"
            raise InputError(f"curvatures[{flat}]", "a singular matrix", remedy)
        self.population, self.device, self.batch = population, device, batch
        self._shifted = self._put(laws.matrices[:, :size, :size])
        self._tilts = self._put(laws.matrices[:, 2 * size + 1, :size])
        self._scales = self._put(facts[:, SCALE])
        # Without a table (D > 10, or very many kinds) bordered systems are solved in batches.
        self._tables = self._put(laws.tables[..., :size]) if laws.tables.shape[0] else None
        terms = population.terms
        self._linear, self._price = self._put(terms.linear), self._put(terms.price)
        self._kinds = torch.as_tensor(np.array(terms.kinds), dtype=torch.int64, device=device)
        self._similarity = self._put(population.similarity)
        self._bits = 2 ** torch.arange(size, device=device)
        self._graph = self._adjacency() if population.sparse else None

    def _put(self, array: Array) -> torch.Tensor:
        return torch.as_tensor(np.array(array), dtype=torch.float64, device=self.device)

    def _adjacency(self) -> torch.Tensor:
        terms, accounts = self.population.terms, self.population.accounts
        starts, neighbours = (torch.as_tensor(np.array(part), dtype=torch.int64) for part in terms[4:])
        ones, shape = torch.ones(neighbours.numel(), dtype=torch.float64), (accounts, accounts)
        with warnings.catch_warnings():
            # torch calls its CSR support a beta; what is used here is one product.
            warnings.simplefilter("ignore", UserWarning)
            return torch.sparse_csr_tensor(starts, neighbours, ones, shape, check_invariants=False).to(self.device)

    def mixtures(self, values: ArrayLike | torch.Tensor) -> torch.Tensor:
        """A profile as a tensor on the device, shape (M, D); checked as in sim.population.

        Raises:
            InputError: Wrong shape, or a row that is no mixture.
        """
        kept = values if isinstance(values, torch.Tensor) else np.array(values, dtype=np.float64)
        tensor = torch.as_tensor(kept, dtype=torch.float64, device=self.device)
        expected = (self.population.accounts, self.population.dimension)
        if tuple(tensor.shape) != expected:
            raise InputError("mixtures", f"array of shape {tuple(tensor.shape)}", f"expected {expected}")
        good = (tensor >= -1e-8).all(dim=1) & ((tensor.sum(dim=1) - 1).abs() <= 1e-8)
        if not bool(good.all()):
            wrong = int(torch.argmin(good.to(torch.int8)))
            remedy = "weights must be >= 0, finite and sum to 1; project_to_simplex() maps any vector to a mixture"
            raise InputError(f"mixtures[{wrong}]", tensor[wrong].tolist(), remedy)
        return tensor

    def simultaneous_step(
        self,
        mixtures: ArrayLike | torch.Tensor,
        *,
        floor: float = 0.0,
        damping: float = 1.0,
        supports: torch.Tensor | None = None,
    ) -> TorchMove:
        """Every account moves at once: w_m <- w_m + damping (BR_m(w) - w_m). Exact, as sim.population's.

        The remembered support is tried first; accounts for which it is wrong then change all wrong groups at once, for
        some rounds, and whoever is left after that (hardly anyone) is given to sim.quadratic.

        Args:
            mixtures: Profile, shape (M, D); not changed.
            floor: Least weight, 0 <= floor <= 1/D.
            damping: Share of the way moved, in (0, 1].
            supports: From an earlier step.

        Raises:
            InputError: An argument has the wrong shape, or is out of range.
        """
        least, share = checked_floor(self.population, floor), checked_damping(damping)
        profile = self.mixtures(mixtures)
        if supports is not None and (supports.shape != profile.shape or supports.dtype != torch.bool):
            raise InputError("supports", f"{supports.dtype} of shape {tuple(supports.shape)}", "expected a step's own")
        known = torch.ones_like(profile, dtype=torch.bool) if supports is None else supports.to(self.device)
        best, found = torch.empty_like(profile), torch.empty_like(known)
        others = self._others(profile)
        for first in range(0, profile.shape[0], self.batch):
            rows = torch.arange(first, min(first + self.batch, profile.shape[0]), device=self.device)
            found[rows], weights = self._settle(rows, known[rows], self._pull(rows, others[rows]), least)
            best[rows] = weights + least
        return TorchMove(best if share == 1 else profile + share * (best - profile), found)

    def exponentiated_gradient_step(self, mixtures: ArrayLike | torch.Tensor, step_size: float) -> torch.Tensor:
        """Weights grow exponentially with their gradient, shape (M, D). As sim.population's.

        Raises:
            InputError: Bad profile or step size.
        """
        rate, profile = positive("step_size", step_size), self.mixtures(mixtures)
        everyone = torch.arange(profile.shape[0], device=self.device)
        own = self._of_kind(self._shifted, everyone)
        curved = profile @ own[0] if own.shape[0] == 1 else torch.einsum("mde,me->md", own, profile)
        gradient = self._pull(everyone, self._others(profile)) - curved
        return torch.softmax(rate * gradient + torch.log(profile.clamp(min=0.0)), dim=1)

    def _others(self, profile: torch.Tensor) -> torch.Tensor:
        if self._graph is None:
            return profile.sum(dim=0) - profile
        return self._graph @ profile

    def _of_kind(self, values: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        return values[self._kinds[rows]] if values.shape[0] > 1 else values

    def _pull(self, rows: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        linear = self._linear[rows] if self._linear.shape[0] > 1 else self._linear
        price = self._price[rows] if self._price.numel() > 1 else self._price
        pull = linear - price[:, None] * (others @ self._similarity.T) - self._of_kind(self._tilts, rows)
        return pull - pull.mean(dim=1, keepdim=True)

    def _settle(
        self, rows: torch.Tensor, support: torch.Tensor, pull: torch.Tensor, floor: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Supports and weights above the floor of the best responses of some accounts."""
        support, weights = support.clone(), torch.zeros_like(pull)
        mass = 1.0 - pull.shape[1] * floor
        left = torch.arange(rows.numel(), device=self.device)
        for _ in range(_ROUNDS):
            law, wrong = self._law(rows[left], support[left], pull[left], mass)
            done = ~wrong.any(dim=1)
            weights[left[done]] = torch.where(support[left[done]], law[done], 0.0)
            flipped = support[left] ^ wrong
            support[left] = torch.where(flipped.any(dim=1, keepdim=True), flipped, wrong)
            left = left[~done]
            if left.numel() == 0:
                break
        for place in left.tolist():
            exact = self._exact(int(rows[place]), pull[place], floor)
            weights[place], support[place] = exact, exact > 0
        weights = weights.clamp(min=0.0)
        total = weights.sum(dim=1, keepdim=True)
        return support, torch.where(total > 0, weights * (mass / total), weights)

    def _exact(self, account: int, pull: torch.Tensor, floor: float) -> torch.Tensor:
        kinds = self.population.terms.kinds
        shifted = self._shifted[int(kinds[account if kinds.size > 1 else 0])].cpu().numpy()
        return self._put(maximise_on_simplex(shifted, pull.cpu().numpy(), floor) - floor)

    def _law(
        self, rows: torch.Tensor, support: torch.Tensor, pull: torch.Tensor, mass: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Law of each account's support, and which groups have the wrong sign."""
        size = pull.shape[1]
        if self._tables is not None:
            index = (support * self._bits).sum(dim=1)
            kinds = self._kinds[rows] if self._kinds.numel() > 1 else self._kinds.expand(rows.numel())
            table = self._tables[kinds, index]
            law = torch.einsum("mde,md->me", table[:, :size], pull) + mass * table[:, size]
            noise = table[:, size + 1, 0] + table[:, size + 1, 1] * pull.abs().amax(dim=1)
            return law, law < -noise[:, None]
        own, scale = self._of_kind(self._shifted, rows), self._of_kind(self._scales, rows)[:, None]
        inside = support.to(torch.float64)
        system = torch.zeros(rows.numel(), size + 1, size + 1, dtype=torch.float64, device=self.device)
        system[:, :size, :size] = own * inside[:, :, None] * inside[:, None, :]
        system[:, :size, :size] += torch.diag_embed((1 - inside) * scale)
        system[:, :size, size] = system[:, size, :size] = inside * scale
        target = torch.cat([pull * inside, (mass * scale).expand(rows.numel(), 1)], dim=1)
        solved = torch.linalg.solve(system, target)
        weights, level = solved[:, :size] * inside, solved[:, size:] * scale
        slack = (level - pull + torch.einsum("mde,me->md", own.expand(rows.numel(), size, size), weights)) / scale
        law = torch.where(support, weights, slack)
        size_of = (
            mass + (pull.abs().amax(dim=1, keepdim=True) + level.abs()) / scale + weights.abs().amax(1, keepdim=True)
        )
        return law, law < -_NOISE * size_of
