"""Shared by the tests of runs."""

from __future__ import annotations

import pytest

from tests.experiments import live_model


@pytest.fixture
def live_run(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Overrides of a short run with a language model that is recorded."""
    monkeypatch.setenv("EQUIPOLIS_MODULES", live_model.__name__)
    return live_model.RUN
