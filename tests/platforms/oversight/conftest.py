"""One sandbox for all tests: it remembers what it ran."""

import pytest

from platforms.oversight.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return Sandbox()
