"""Configurations: every file composes, unknown keys and wrong types are refused, values are checked by name."""

from pathlib import Path

import pytest
from hydra.errors import ConfigCompositionException
from hydra.utils import instantiate
from omegaconf import OmegaConf

import conf
from experiments.validate import validate
from sim.errors import InputError

CONF = Path(conf.__file__).parent
CHOICES = [
    f"{folder.name}={file.stem}"
    for folder in sorted(CONF.iterdir())
    if folder.is_dir()
    for file in sorted(folder.glob("*.yaml"))
]


@pytest.mark.parametrize("choice", CHOICES)
def test_every_file_composes_and_names_a_real_target(composed, choice):
    group = choice.split("=")[0]
    overrides = [f"{group}@payoffs.{choice}" if group in ("attractiveness", "inconsistency", "similarity") else choice]
    elsewhere = {
        "controller": ["experiment=governance", f"+controller@study.feedback.other.controller={choice.split('=')[1]}"],
        "reading": ["subpopulations=adapters_trained", f"reading@subpopulations.{choice}"],
        "variants": ["experiment=table1_base_models", f"variants@study.{choice}"],
        "wordings": ["experiment=bigfive_language", f"wordings@subpopulations={choice.split('=')[1]}"],
    }
    overrides = elsewhere.get(group, overrides)
    config = composed(*overrides)
    if group == "dynamics":
        instantiate(config.dynamics)
    for rule in config.payoffs.values():
        instantiate(rule)


@pytest.mark.parametrize(
    "override",
    ["game.atractiveness=1", "platform.accounts=many", "dynamics.step_size.typo=1", "language.backnd=vllm", "nope=1"],
)
def test_unknown_keys_and_wrong_types_fail_when_composed(composed, override):
    with pytest.raises(ConfigCompositionException):
        composed(override)


@pytest.mark.parametrize("override", ["+game.typo=1", "+typo=1", "+payoffs.typo=1"])
def test_keys_forced_in_with_a_plus_are_refused(composed, override):
    with pytest.raises(InputError, match="typo"):
        validate(composed(override))


@pytest.mark.parametrize(
    ("override", "field"),
    [
        ("platform.accounts=0", "platform.accounts"),
        ("platform.rounds=-3", "platform.rounds"),
        ("run.seeds=0", "run.seeds"),
        ("run.seed=-1", "run.seed"),
        ("verdict.tolerance=0", "verdict.tolerance"),
        ("verdict.confidence=1.0", "verdict.confidence"),
        ("platform.floor=-0.1", "platform.floor"),
        ("platform.concentration=0", "platform.concentration"),
        ("platform.temperature=0", "platform.temperature"),
        ("game.crowding=median", "game.crowding"),
        ("game.attractiveness=nan", "game.attractiveness"),
        ("game.diversity=-1", "game.diversity"),
        ("dynamics.step_size.initial=inf", "dynamics.step_size.initial"),
        ("subpopulations.gate_margin=nan", "subpopulations.gate_margin"),
        ("platform.concentration=inf", "platform.concentration"),
        ("platform.readers=99999999999999", "platform.readers"),
        ("platform.max_tokens=100000", "platform.max_tokens"),
        ("run.name=../elsewhere", "run.name"),
        ("run.name=''", "run.name"),
    ],
)
def test_bad_values_are_named_with_a_remedy(composed, override, field):
    with pytest.raises(InputError) as caught:
        validate(composed(override))
    assert caught.value.field == field
    assert repr(caught.value.value) == repr(OmegaConf.select(composed(override), field))
    assert caught.value.remedy


def test_a_missing_value_is_named(composed):
    with pytest.raises(InputError, match=r"language\.base_url"):
        validate(composed("language=endpoint", "language.served_model=x"))
