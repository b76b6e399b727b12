"""The torch steps against the compiled ones, on the CPU."""

import subprocess
import sys

import numpy as np
import pytest

from sim.errors import InputError
from sim.population import Population, exponentiated_gradient_step, simultaneous_step

torch = pytest.importorskip("torch")
from sim.population.torch_step import TorchPopulation  # noqa: E402


def start_of(population):
    return np.random.default_rng(0).dirichlet(np.full(population.dimension, 0.5), size=population.accounts)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(("dimension", "alike"), [(2, False), (6, True), (6, False), (12, True), (20, False)])
@pytest.mark.parametrize(
    "device",
    ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here"))],
)
def test_same_results_as_the_compiled_steps(make_population, sparse, dimension, alike, device):
    population = make_population(1, 300, dimension, sparse=sparse, alike=alike)
    start, twin = start_of(population), TorchPopulation(population, device, batch=128)
    for floor, damping in ((0.0, 1.0), (0.01, 0.5)):
        ours = simultaneous_step(population, start, floor=floor, damping=damping)
        theirs = twin.simultaneous_step(start, floor=floor, damping=damping)
        again = twin.simultaneous_step(start, floor=floor, damping=damping, supports=theirs.supports)
        for moved in (theirs, again):
            assert np.abs(moved.mixtures.cpu().numpy() - ours.mixtures).max() <= 1e-12
    shared = twin.exponentiated_gradient_step(start, 0.3).cpu().numpy()
    assert np.abs(shared - exponentiated_gradient_step(population, start, 0.3)).max() <= 1e-13


def test_degenerate_pulls_and_untouched_input():
    rng = np.random.default_rng(0)
    linear = rng.integers(-2, 3, size=(200, 6)).astype(float)
    population = Population(linear=linear, curvatures=2 * np.eye(6), similarity=np.eye(6), price=0.0)
    start = torch.as_tensor(start_of(population))
    untouched = start.clone()
    moved = TorchPopulation(population).simultaneous_step(start)
    assert torch.equal(start, untouched)
    assert np.abs(moved.mixtures.numpy() - simultaneous_step(population, start.numpy()).mixtures).max() <= 1e-12


def test_bad_input_names_the_field(make_population):
    good = make_population(0)
    twin, start = TorchPopulation(good), start_of(good)
    flat = Population(linear=np.zeros((4, 3)), curvatures=np.zeros((3, 3)), similarity=np.eye(3))
    for call, field in (
        (lambda: TorchPopulation(flat), "curvatures[0]"),
        (lambda: twin.simultaneous_step(start[:2]), "mixtures"),
        (lambda: twin.simultaneous_step(np.nan * start), "mixtures[0]"),
        (lambda: twin.simultaneous_step(start, supports=torch.ones(3)), "supports"),
        (lambda: twin.simultaneous_step(start, damping=2.0), "damping"),
        (lambda: twin.exponentiated_gradient_step(start, -1.0), "step_size"),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.field == field


def test_the_package_itself_does_not_import_torch():
    code = "import sys, sim.population; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
