"""The peers of the map benchmark solve the same problem."""

import pytest

from experiments.benchmarks.maps import KERNELS, against_numpy, against_solvers
from experiments.benchmarks.measurement import OURS


def test_numpy_gives_the_same_interior():
    rows = {row.method: row for row in against_numpy(12, 3, 1, lambda _: None)}
    assert rows[OURS].ratio == 1
    assert rows["numpy, batched solves, interior alone"].disagreement <= 1e-12
    assert all(row.seconds > 0 for row in rows.values())


@pytest.mark.filterwarnings("ignore")
def test_solvers_give_the_same_mixtures_boundary_included():
    rows = {row.method: row for row in against_solvers(6, 3, 1, lambda _: None)}
    assert rows[OURS].ratio == 1
    assert rows[KERNELS].disagreement == 0
    peers = [row for name, row in rows.items() if not name.startswith((OURS, "writing"))]
    assert any(row.method.startswith("daqp") for row in peers)
    assert all(row.disagreement <= 1e-8 for row in peers)
    missing = {"moreau", "nashopt"} - {row.method.split(",")[0] for row in peers}
    assert all(name in rows[OURS].note for name in missing)
