"""Malformed configurations: overrides that are wrong, monstrous or hostile, up to the checks that precede every run."""

import random

import pytest
from hydra.errors import HydraException
from omegaconf import OmegaConf

from experiments.run_directory import RunDirectory
from experiments.targets import check_targets
from experiments.validate import validate
from tests.fuzz.harness import survived

pytestmark = pytest.mark.slow

VALUES = (
    *(
        "0",
        "-1",
        "1",
        "1.5",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "99999999999999999999",
        "true",
        "null",
        "''",
        "x",
        "[]",
        "[1,[2]]",
    ),
    *(
        "{}",
        "{a:1}",
        "{_target_:os.system}",
        "os.system",
        "experiments.backends.Path",
        "${game}",
        "${nope}",
        "${oc.env:HOME}",
    ),
    *(
        "'${'",
        "'a/../b'",
        "'/'",
        "'\\x00'",
        "'\u202e'",
        "'é'",
        "???",
        "'" + "x" * 300 + "'",
        "${run}",
        "1_0",
        "0x10",
        "'=1+1'",
    ),
)
GROUPS = ("language", "subpopulations", "dynamics", "experiment", "data", "estimate", "ranking", "nonsense")
CHOICES = (
    "synthetic",
    "embedded",
    "recorded",
    "endpoint",
    "audit",
    "own",
    "null",
    "logit",
    "../config",
    "nope",
    "governance",
)


def keys_of(config):
    """Every key of a configuration that holds a value."""

    def walk(node, path):
        for key, value in node.items():
            name = f"{path}.{key}" if path else str(key)
            yield name
            if isinstance(value, dict):
                yield from walk(value, name)

    return sorted(walk(OmegaConf.to_container(config), ""))


def override(rng, keys):
    """One override, mostly of a key that there is."""
    kind = rng.randrange(10)
    if kind == 0:
        return f"{rng.choice(GROUPS)}={rng.choice(CHOICES)}"
    if kind == 1:
        return "".join(rng.choice("abc=.~+[]{}$:,'\" \\/0") for _ in range(rng.randrange(1, 12)))
    sign = rng.choice(("", "", "", "", "+", "++", "~"))
    key = rng.choice(keys) if rng.random() < 0.9 else rng.choice((*keys, "nope")) + rng.choice((".x", "._target_", ""))
    return f"{sign}{key}" if sign == "~" else f"{sign}{key}={rng.choice(VALUES)}"


@pytest.mark.parametrize("start", ["", "experiment=synthetic", "experiment=audit", "experiment=llm_oversight"])
def test_configurations(start, composed, tmp_path):
    base = [start] if start else []
    base += ["data.path=people.csv"] if start == "experiment=audit" else []  # without a file every audit is refused
    keys = keys_of(composed(*base))

    def case(rng: random.Random):
        given = [override(rng, keys) for _ in range(rng.choice((1, 1, 2, 3)))]
        try:
            config = composed(*base, *given, f"run.directory={tmp_path}")
        except Exception as error:  # whatever Hydra raises: the command prints it (tests/faults/test_runs.py)
            raise HydraException(f"can't be composed: {error}") from error
        validate(config)
        check_targets(config)
        assert RunDirectory(config).path.resolve().parent == tmp_path.resolve(), "a name leads out of the folder"

    outcomes = survived(case, 60, f"configuration {start}", (HydraException,))
    assert outcomes["accepted"], outcomes
    assert outcomes["InputError"], outcomes
