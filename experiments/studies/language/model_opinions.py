"""What a language model answers for each group, prompt by prompt, and how good its voices are; kept as Parquet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from agents.subpopulations.calibration import Calibration
from agents.subpopulations.elicitation import ElicitedAnswers
from agents.subpopulations.quality import Finding
from sim.arrays import Array
from sim.errors import InputError

_HEADER = b"equipolis reading"


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelOpinions:
    """The answers of a language model's groups.

    Attributes:
        answers: Answer distributions by prompt.
        shares: Share of people in each group, (G,).
        people: Respondents behind the shares; None where the shares are known.
        quality: The checks of the voices that were made.
        calibration: The fit to real people, or None.
        model: Name and hashes of the base model, and the backend that answered.
        adapters: SHA-256 of each adapter's weights.
    """

    answers: ElicitedAnswers
    shares: Array
    people: int | None
    quality: tuple[Finding, ...]
    calibration: Calibration | None
    model: Mapping[str, str]
    adapters: Mapping[str, str]

    @property
    def passed(self) -> bool:
        """Whether every check that was made is passed, and at least one was made."""
        return bool(self.quality) and all(finding.passed for finding in self.quality)

    @property
    def judged(self) -> str:
        """The checks in words.

        Failed ones are named with what they had to reach.
        """
        if not self.quality:
            return "not checked"
        failed = [f"{f.check} {f.value:+.2f}, needs {f.required:+.2f}" for f in self.quality if not f.passed]
        return f"FAILED: {'; '.join(failed)}" if failed else "passed"


def to_parquet(opinions: ModelOpinions) -> bytes:
    """One row per question, prompt, group and option; all else in the file's metadata."""
    answers = opinions.answers
    names = ("question", "prompt", "group", "option", "probability", "samples")
    rows: dict[str, list[Any]] = {name: [] for name in names}
    for q, question in enumerate(answers.questions):
        for p, prompt in enumerate(answers.prompts[q]):
            for g, group in enumerate(answers.groups):
                samples = None if answers.samples is None else int(answers.samples[q][p, g])
                for option, probability in zip(answers.options[q], answers.probabilities[q][p, g], strict=True):
                    for name, value in zip(names, (question, prompt, group, option, probability, samples), strict=True):
                        rows[name].append(value)
    header = {
        "ordinal": list(answers.ordinal),
        "failures": None if answers.failures is None else answers.failures.tolist(),
        "shares": opinions.shares.tolist(),
        "people": opinions.people,
        "quality": [asdict(finding) for finding in opinions.quality],
        "calibration": None if opinions.calibration is None else asdict(opinions.calibration),
        "model": dict(opinions.model),
        "adapters": dict(opinions.adapters),
    }
    table = pa.table(rows, schema=_schema()).replace_schema_metadata({_HEADER: json.dumps(header).encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def from_parquet(path: Path) -> ModelOpinions:
    """What `to_parquet` wrote.

    Raises:
        InputError: Another kind of file.
    """
    table = pq.read_table(path)
    header = json.loads((table.schema.metadata or {}).get(_HEADER, b"null"))
    if header is None:
        raise InputError("reading", str(path), "not a table of answers by prompt; remove it, and it is read again")
    columns = {name: table[name].to_pylist() for name in ("question", "prompt", "group", "option")}
    questions, groups = _ordered(columns["question"]), _ordered(columns["group"])
    start, prompts, options, probabilities = 0, [], [], []
    samples: list[NDArray[np.int64]] = []
    values, counted = np.array(table["probability"]), table["samples"].to_pylist()
    for question in questions:
        stop = start + columns["question"].count(question)
        prompts.append(_ordered(columns["prompt"][start:stop]))
        options.append(_ordered(columns["option"][start:stop]))
        shape = (len(prompts[-1]), len(groups), len(options[-1]))
        probabilities.append(values[start:stop].reshape(shape))
        if counted[start] is not None:
            samples.append(np.array(counted[start:stop]).reshape(shape)[:, :, 0])
        start = stop
    fit = header["calibration"]
    return ModelOpinions(
        answers=ElicitedAnswers(
            groups=groups,
            questions=questions,
            options=tuple(options),
            ordinal=tuple(header["ordinal"]),
            prompts=tuple(prompts),
            probabilities=tuple(probabilities),
            samples=tuple(samples) or None,
            failures=None if header["failures"] is None else np.array(header["failures"]),
        ),
        shares=np.array(header["shares"]),
        people=header["people"],
        quality=tuple(Finding(**finding) for finding in header["quality"]),
        calibration=None if fit is None else Calibration(**fit),
        model=header["model"],
        adapters=header["adapters"],
    )


def _schema() -> pa.Schema:
    texts = [(name, pa.string()) for name in ("question", "prompt", "group", "option")]
    return pa.schema([*texts, ("probability", pa.float64()), ("samples", pa.int64())])


def _ordered(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
