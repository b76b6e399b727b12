"""The lever panel's numbers are those of `restore` and `safe_values`, and each change that holds keeps every group."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.dashboard.levers_model import levers
from experiments.dashboard.tables import examples
from sim.alignment_game import Incentives
from sim.design import CertifiedChange, restore, safe_values
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.maps.grid import COEFFICIENTS

AT = Incentives(4.0, 1.0, 1.0)


def test_every_lever_is_the_librarys_and_keeps_every_group():
    table = examples()[0]
    found = {lever.coefficient or lever.name: lever for lever in levers(table, AT, 0.05)}
    assert homogeneous_equilibrium(table.game(AT)).mixture.min() < 0.05
    for name in COEFFICIENTS:
        wanted = restore(table.game(AT), CertifiedChange(name), shares=table.shares, threshold=0.05)
        mine = found[name].restored
        assert mine.incentives == wanted.incentives
        assert mine.price == pytest.approx(wanted.price, abs=1e-9)
        assert np.allclose(found[name].safe, safe_values(table.terms, AT, name, 0.05), atol=1e-9)
        after = homogeneous_equilibrium(table.game(mine.incentives)).mixture
        assert after.min() >= 0.05 - 1e-9
        assert mine.holds
    cheapest = found["all together, least loss of engagement"].restored
    assert cheapest.price <= min(found[name].restored.price for name in COEFFICIENTS) + 1e-9


def test_a_threshold_that_not_all_can_have_is_refused():
    with pytest.raises(InputError, match="threshold"):
        levers(examples()[0], AT, 0.5)
