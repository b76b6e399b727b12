"""A labelled text: what a group says after a prompt. Adapters train on these; the gate holds some of them out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A prompt and what the group says after it."""

    prompt: str
    text: str
