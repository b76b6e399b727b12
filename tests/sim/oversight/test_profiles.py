from dataclasses import asdict

import numpy as np
import pytest

from sim.errors import InputError
from sim.oversight import PROFILES, RewardProfile, average_profile


def test_the_twelve_defaults_and_what_each_arm_overrides():
    default = asdict(PROFILES["default"])
    assert list(default.values()) == [0.1, 1, 1, 0.1, 1, 1, 0, 0.05, 0, 0, 0.15, 2]
    overridden = {
        name: {
            key.removeprefix("solver_").removeprefix("auditor_"): value
            for key, value in asdict(one).items()
            if value != default[key]
        }
        for name, one in PROFILES.items()
    }
    assert overridden == {
        "default": {},
        "medium_abstain": {"abstain_reward": 0.2},
        "high_abstain": {"abstain_reward": 0.55},
        "strict_solver_catch": {"true_catch_penalty": 1.8, "uncaught_reward": -0.2},
        "lenient_solver_catch": {"true_catch_penalty": 0.4, "uncaught_reward": 0.35},
        "audit_seeking": {
            "true_catch_reward": 1.7,
            "false_positive_penalty": 0.55,
            "explicit_abstain_aligned_reward": 0.0,
            "explicit_abstain_misaligned_penalty": 0.2,
            "miss_misaligned_penalty": 0.65,
            "invalid_output_penalty": 1.2,
        },
        "false_positive_averse": {
            "true_catch_reward": 0.75,
            "false_positive_penalty": 1.7,
            "explicit_abstain_aligned_reward": 0.1,
            "miss_misaligned_penalty": 0.25,
            "invalid_output_penalty": 1.0,
        },
        "silent_failure_penalty": {
            "uncaught_reward": -0.55,
            "explicit_abstain_aligned_reward": 0.0,
            "explicit_abstain_misaligned_penalty": 0.35,
            "miss_misaligned_penalty": 1.25,
            "invalid_output_penalty": 1.0,
        },
    }


def test_a_vector_and_back():
    for profile in PROFILES.values():
        assert RewardProfile.of_vector(profile.vector) == profile


def test_the_average_is_linear_and_ignores_the_scale_of_weights():
    mean = average_profile(PROFILES, {"default": 3.0, "high_abstain": 1.0})
    assert np.allclose(mean.vector, 0.75 * PROFILES["default"].vector + 0.25 * PROFILES["high_abstain"].vector)
    assert average_profile(PROFILES, {"audit_seeking": 5.0}) == PROFILES["audit_seeking"]


@pytest.mark.parametrize(
    ("weights", "field"),
    [
        ({"none": 1.0}, "weights"),
        ({"default": -1.0}, "weights['default']"),
        ({"default": 0.0}, "weights"),
        ({}, "weights"),
    ],
)
def test_bad_weights_are_named(weights, field):
    with pytest.raises(InputError) as caught:
        average_profile(PROFILES, weights)
    assert caught.value.field == field


def test_bad_numbers_are_named():
    with pytest.raises(InputError, match=r"^vector = 3 numbers"):
        RewardProfile.of_vector([1, 2, 3])
    with pytest.raises(InputError, match=r"^solver_abstain_reward = nan"):
        RewardProfile(solver_abstain_reward=float("nan"))
