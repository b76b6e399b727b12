"""Bad input to a map is refused with the field's name; odd but meaningful input is answered."""

import numpy as np
import pytest

from sim.errors import InputError
from sim.maps import exclusion_map

AXIS = np.logspace(-1, 1, 4)
GOOD = {
    "attractiveness": [0.2, 0.3, 0.5],
    "inconsistency": np.diag([0.3, 0.4, 0.5]),
    "similarity": np.eye(3),
    "grid": {"attractiveness": AXIS, "inconsistency": AXIS, "diversity": 1.0},
}


def grid(**changes):
    return {"grid": {**GOOD["grid"], **changes}}


BAD = [
    ({"attractiveness": [1.0], "inconsistency": [[1.0]], "similarity": [[1.0]]}, "attractiveness", "at least 2"),
    ({"attractiveness": [0.2, np.nan, 0.5]}, "attractiveness[1]", "finite"),
    ({"inconsistency": np.diag([1.0, 1.0, -1.0])}, "inconsistency", "eigenvalue"),
    ({"inconsistency": np.diag([np.inf, 1, 1])}, "inconsistency[0, 0]", "finite"),
    ({"inconsistency": np.eye(2)}, "inconsistency", "shape"),
    ({"inconsistency": np.eye(3) + np.eye(3, k=1)}, "inconsistency[0, 1] - inconsistency[1, 0]", "symmetric"),
    ({"similarity": np.eye(3) + np.eye(3, k=1)}, "similarity[0, 1] - similarity[1, 0]", "symmetric"),
    ({"similarity": -np.eye(3)}, "similarity", "eigenvalue -1 on the tangent space"),
    ({"grid": {"attractiveness": AXIS, "inconsistency": AXIS}}, "grid", "exactly the keys"),
    (grid(similarity=1.0), "grid", "exactly the keys"),
    ({"grid": [1, 2]}, "grid", "exactly the keys"),
    (grid(attractiveness=1.0), "grid", "two 1-d arrays"),
    (grid(attractiveness=1.0, inconsistency=1.0), "grid", "two 1-d arrays"),
    (grid(diversity=AXIS), "grid", "two 1-d arrays"),
    (grid(inconsistency=[]), "grid['inconsistency']", "at least one value"),
    (grid(inconsistency=[[1.0]]), "grid['inconsistency']", "axes"),
    (grid(inconsistency=[1.0, -0.5]), "grid['inconsistency'][1]", ">= 0"),
    (grid(attractiveness=[1.0, np.inf]), "grid['attractiveness'][1]", "finite"),
    (grid(diversity=-1.0), "grid['diversity']", ">= 0"),
    (grid(diversity="much"), "grid['diversity']", "number"),
    (grid(diversity=0.0, inconsistency=[0.0, 1.0]), "grid", "corner or a tie"),
    ({"threshold": 0.0}, "threshold", "> 0"),
    ({"threshold": 0.34}, "threshold", "1/D"),
    ({"threshold": np.nan}, "threshold", "finite"),
    ({"keep": "all"}, "keep", "masks"),
    ({"groups": ("a", "b")}, "groups", "3 names"),
    ({"groups": ("a", "b", "b")}, "groups", "name of its own"),
]


@pytest.mark.parametrize(("change", "field", "said"), BAD)
def test_refused(change, field, said):
    with pytest.raises(InputError) as caught:
        exclusion_map(**{**GOOD, **change})
    assert caught.value.field == field
    assert said in str(caught.value)


def test_an_indefinite_similarity_is_taken_where_inconsistency_outweighs_it():
    mild = GOOD | {"similarity": np.diag([1.0, 1.0, -0.2])}
    allowed = {"attractiveness": AXIS, "inconsistency": AXIS + 1.0, "diversity": 1.0}
    found = exclusion_map(**mild | {"grid": allowed})
    assert found.interior.any()
    with pytest.raises(InputError, match=r"bI = 0\.1, bD = 1"):
        exclusion_map(**mild | {"grid": GOOD["grid"] | {"inconsistency": AXIS}, "similarity": np.diag([1, 1, -2.0])})


def test_threshold_may_be_the_uniform_weight():
    assert exclusion_map(**GOOD, threshold=1 / 3).area(0) > 0


def test_no_attractiveness_is_a_meaningful_value():
    axis = np.array([0.0, 1.0])
    found = exclusion_map(**GOOD | {"grid": {"attractiveness": axis, "inconsistency": AXIS, "diversity": 0.0}})
    weights = 1 / np.diag(GOOD["inconsistency"])
    assert np.abs(found.mixtures[0] - weights / weights.sum()).max() <= 1e-14
