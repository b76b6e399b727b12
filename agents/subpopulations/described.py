"""Groups described in one file: shares, personas, held-out texts, and what each wants answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from agents.subpopulations.corpus import Text
from agents.subpopulations.subpopulation_model import POST_PROMPT
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable

PACKAGED = {"support_desk": "support_desk/segments.json"}
"""Descriptions that come with the project, by name."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Described:
    """A description as it was read.

    Attributes:
        note: What the numbers are and where they come from.
        table: Shares, and what each group answers.
        personas: Text put before every prompt, by group; empty where the file gives none.
        heldout: Texts in each group's voice that no persona quotes; empty where the file gives none.
    """

    note: str
    table: OpinionTable
    personas: Mapping[str, str]
    heldout: Mapping[str, tuple[Text, ...]]


def described(file: str) -> Described:
    """Read a description.

    The file is JSON: `note`; `options` of every question; `questions`: text -> group -> probability of each option;
    `groups`: name -> `share`, and if the groups are to be voiced by prompts a `persona` (text put before every prompt)
    and `heldout` (topic -> post, the same number for each group).

    Args:
        file: Path, or the name of a description that comes with the project ("support_desk").

    Raises:
        InputError: No such file, or what is missing or wrong in it.

    >>> desk = described("support_desk")
    >>> desk.table.groups
    ('consumer', 'small-business', 'enterprise', 'protected', 'francophone')
    """
    packaged = PACKAGED.get(file)
    path = Path(file)
    if packaged is None and not path.is_file():
        raise InputError("description", file, f"no such file; give its path, or one of {', '.join(PACKAGED)}")
    text = (files(__package__) / packaged if packaged else path).read_text(encoding="utf-8")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError("description", file, f"expected JSON: {error}") from None
    groups, options, questions = (_part(found, key, file) for key in ("groups", "options", "questions"))
    names = tuple(groups)
    for question, answers in questions.items():
        if set(answers) != set(names):
            remedy = f"expected the answers of {', '.join(names)}"
            raise InputError(f"groups of question {question!r} in {file}", ", ".join(answers), remedy)
    table = OpinionTable(
        groups=names,
        shares=np.array([_part(group, "share", f"{file}, {name}") for name, group in groups.items()]),
        questions=tuple(questions),
        probabilities=tuple(np.array([answers[name] for name in names]) for answers in questions.values()),
        options=(tuple(options),) * len(questions),
    )
    heldout = {
        name: tuple(Text(POST_PROMPT.format(topic=t), f" {post}") for t, post in group.get("heldout", {}).items())
        for name, group in groups.items()
    }
    personas = {name: str(group.get("persona", "")) for name, group in groups.items()}
    return Described(note=str(found.get("note", "")), table=table, personas=personas, heldout=heldout)


def _part(found: Mapping[str, Any], key: str, where: str) -> Any:
    if not isinstance(found, Mapping) or key not in found:
        raise InputError(f"{key} of {where}", None, "missing from the description: see docs/support-desk.md")
    return found[key]
