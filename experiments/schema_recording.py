"""The shape of language models that are recorded, and of their recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING


@dataclass
class RecordedConfig:
    """The answers in a recording.

    Attributes:
        path: The file.
        source: Part of the backend's name or the model's revision; needed only if several models are recorded.
    """

    _target_: str = "experiments.backends.recorded"
    path: str = MISSING
    source: str = MISSING


@dataclass
class RecordingConfig:
    """A language model whose answers are kept.

    Attributes:
        to: The file; added to if it is there.
        model: The language model, as in conf/language.
    """

    _target_: str = "experiments.backends.recording"
    _recursive_: bool = False
    to: str = MISSING
    model: Any = MISSING
