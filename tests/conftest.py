"""Shared by all tests: composed configurations, and a console that remembers what it printed."""

from __future__ import annotations

import io
from collections.abc import Callable

import hypothesis
import pytest
from hydra import compose, initialize_config_module
from omegaconf import DictConfig
from rich.console import Console

from experiments import schema

hypothesis.settings.register_profile("shared machine", deadline=None)  # cores are shared: no time assertion in a test
hypothesis.settings.load_profile("shared machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests with a language model run one after the other: two servers at once would fight for cores and memory."""
    for item in items:
        marked = item.get_closest_marker("slow") or item.get_closest_marker("full")
        if marked and {"agents", "end_to_end", "language"} & set(item.path.parts):
            item.add_marker(pytest.mark.xdist_group("model"))


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
