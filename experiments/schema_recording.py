"""The shape of a language model that was recorded."""

from __future__ import annotations

from dataclasses import dataclass

from omegaconf import MISSING


@dataclass
class RecordedConfig:
    """The answers in a recording.

    Attributes:
        path: The directory of the run that recorded it, or the file.
        source: Part of the backend's name or the model's revision; needed only if several models are recorded.
    """

    _target_: str = "experiments.backends.recorded"
    path: str = MISSING
    source: str = MISSING
