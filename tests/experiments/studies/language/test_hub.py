"""A model by folder is the same as the packaged one; a name that can't be had is bad input."""

import pytest

from agents.language.packaged_model import packaged_model
from agents.subpopulations.bigfive.population import BigFive
from experiments.backends import embedded
from experiments.studies.language.hub import hub
from sim.errors import InputError

SETTINGS = {"backend": "transformers", "dtype": "float32", "max_restarts": 0, "timeout": 600.0}


def test_a_folder_serves_the_same_model_and_adapters(tmp_path):
    population = BigFive("adapter", 0.25, ["About me:"])
    given = {"population": population, "log": tmp_path / "log", "report": lambda line: None} | SETTINGS
    one = hub(model=str(packaged_model()), revision=None, **given)
    other = embedded(replicas=1, **given)
    assert (one.identity, one.adapters, one.language.name) == (other.identity, other.adapters, other.language.name)
    assert set(one.adapters) == {model.group for model in population.models}


def test_a_name_that_cannot_be_had_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    population = BigFive("persona", 0.25, ["About me:"])
    for name in ("nobody/no-model", "not a name/at/all"):
        with pytest.raises(InputError, match=r"language\.model"):
            hub(
                population=population,
                log=tmp_path / "log",
                report=lambda line: None,
                model=name,
                revision=None,
                **SETTINGS,
            )
