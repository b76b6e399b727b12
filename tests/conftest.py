"""Shared by all tests: composed configurations, and a console that remembers what it printed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from hydra import compose, initialize_config_module
from omegaconf import DictConfig
from rich.console import Console
from xdist.scheduler import LoadScopeScheduling

from experiments import schema

hypothesis.settings.register_profile("shared machine", deadline=None)  # cores are shared: no time assertion in a test
hypothesis.settings.load_profile("shared machine")


WITH_MODEL = (
    "tests/agents/",
    "tests/end_to_end/",
    "/language/",
    "doctor/test_model",
    "test_language_oversight",
    "test_lora",
    "test_recordings",
    "stopped_at_the_gate",
)
"""Parts of the names of tests that run a language model."""


class OneModelAtATime(LoadScopeScheduling):
    """Give tests with a language model to one worker: two servers at once would fight for cores and memory."""

    def _split_scope(self, nodeid: str) -> str:
        return "model" if any(part in nodeid for part in WITH_MODEL) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneModelAtATime | None:
    """Slow tests are shared out one by one, but for those with a model; of a choice of ours xdist takes note first."""
    return OneModelAtATime(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def composed() -> Callable[..., DictConfig]:
    """Compose the configuration with overrides, as the command line does."""
    schema.register()

    def compose_with(*overrides: str) -> DictConfig:
        with initialize_config_module("conf", version_base="1.3"):
            return compose("config", list(overrides))

    return compose_with


@pytest.fixture
def console() -> Console:
    """A console without colour; `console.file.getvalue()` is what it printed."""
    return Console(file=io.StringIO(), width=200, color_system=None)
