from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.oversight import InspectionGame, Noise


@pytest.fixture
def game() -> InspectionGame:
    return InspectionGame(aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5)


@pytest.fixture
def random_inspection() -> Callable[..., InspectionGame]:
    """Maker of random games from a seed: of any kind, or with a mixed equilibrium."""

    def make(seed: int, *, mixed: bool = False) -> InspectionGame:
        rng = np.random.default_rng(seed)
        while True:
            aligned, misaligned, catch, false_positive, audit_cost, miss = rng.uniform(-1, 2, 6)
            low, high = np.sort(rng.uniform(0, 1, 2))
            one = InspectionGame(
                aligned=aligned,
                misaligned=misaligned,
                catch=catch,
                false_positive=false_positive,
                audit_cost=audit_cost,
                private_gain=rng.uniform(0, 1),
                check_rate=rng.uniform(0, 0.5) * rng.integers(2),
                miss=miss,
                noise=Noise(
                    solver_error=rng.uniform(0, 0.4) * rng.integers(2),
                    true_positive_rate=high,
                    false_positive_rate=low,
                )
                if rng.integers(2)
                else Noise(),
            )
            if not mixed or (one.cyclic and one.equilibrium().kind == "mixed"):
                return one

    return make
