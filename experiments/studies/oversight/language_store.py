"""Generated material is kept by what was asked and who was asked: heads, predictions and pictures then cost seconds."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import platformdirs
import pyarrow as pa
import pyarrow.parquet as pq
from omegaconf import DictConfig, OmegaConf

from agents.language.calculator import Calculator
from agents.subpopulations.population import Report
from experiments.answering import answering
from experiments.backends import Backend
from experiments.console import Reporter
from experiments.health import Measured
from experiments.making import made
from experiments.run_directory import RunDirectory
from platforms.oversight.families import Family
from platforms.oversight.pipeline import Material, generate

_HEADER = b"equipolis oversight"
_TEXTS = ("names", "answers", "evidence")
_FEATURES = ("solver_features", "auditor_features")
_NUMBERS = (
    *("task", "grade", "sample", "audit"),
    *("readable", "right", "audit_readable", "flagged", "evidence_right"),
)


class Generated(NamedTuple):
    """Material, and the model that wrote it: name, revision, hash of the weights, backend."""

    material: Material
    model: Mapping[str, str]


class BaseModel:
    """A language model as it is: no groups, no adapters."""

    models: tuple[()] = ()

    def adapters(self, model: Path, weights: str, report: Report) -> dict[str, Path]:
        """None."""
        del model, weights, report
        return {}


def generated(
    families: Mapping[str, DictConfig],
    language: DictConfig,
    *,
    samples: int,
    audits: int,
    seed: int,
    directory: RunDirectory,
    reporter: Reporter,
    home: str | None,
) -> dict[str, Generated]:
    """Answers and audits of families of tasks by a language model, by name; `run.force=true` asks anew.

    Material is kept outside the run directory, under a hash of everything asked and of the model's weights; copies lie
    in the run directory. The model starts only if something is missing.

    Args:
        families: Tasks, solver and auditor by name, as in the study's configuration.
        language: The language model, as in conf/language.
        samples: Answers a task.
        audits: Audits an answer.
        seed: Of all sampling.
        directory: The run directory.
        reporter: Says what happens.
        home: Where material is kept; None for the user's cache folder.

    Raises:
        InputError: Tasks that can't be made.
        LanguageModelError: The model fails.
    """
    agents: dict[str, Family] = {name: made(family) for name, family in families.items()}
    backend = answering(language, BaseModel(), directory, reporter.line)
    folder = Path(home) if home is not None else platformdirs.user_cache_path("equipolis") / "readings"
    kept = {
        name: folder / f"{_key(families[name], language, backend, one, [samples, audits, seed])}.parquet"
        for name, one in agents.items()
    }
    missing = [name for name, path in kept.items() if directory.config["run"]["force"] or not path.is_file()]
    for name in kept.keys() - missing:
        reporter.line(f"{name}: answers and audits kept from before: {kept[name].name}")
    if missing:
        with backend.language as ready:
            for name in missing:
                reporter.line(f"{name}:")
                report = reporter.line
                material = generate(ready, agents[name], samples=samples, audits=audits, seed=seed, report=report)
                _write(kept[name], to_parquet(Generated(material, _model(backend))))
    for name, path in kept.items():
        directory.bytes(f"material_{name}.parquet", path.read_bytes())
    return {name: from_parquet(path) for name, path in kept.items()}


def _key(family: DictConfig, language: DictConfig, backend: Backend, agents: Family, counts: list[int]) -> str:
    asked = {
        "family": OmegaConf.to_container(family, resolve=True),
        "language": OmegaConf.to_container(language, resolve=True),
        "model": backend.identity.revision if backend.identity else None,
        "prompts": repr((agents.solver, agents.auditor)),
        "counts": counts,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _model(backend: Backend) -> dict[str, str]:
    identity = backend.identity
    return {
        "name": "none" if identity is None else identity.name,
        "revision": "" if identity is None else identity.revision,
        "weights_sha256": "" if identity is None else identity.weights_sha256,
        "backend": backend.language.name,
    }


def to_parquet(found: Generated) -> bytes:
    """Material as one Parquet table, a row per task, answer and audit; the model stands in its header."""
    material = found.material
    columns: dict[str, Any] = {name: list(getattr(material, name)) for name in _TEXTS}
    columns |= {name: getattr(material, name) for name in _NUMBERS}
    for name in _FEATURES:
        columns |= {f"{name} {k}": column for k, column in enumerate(getattr(material, name).T)}
    table = pa.table(columns)
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({_HEADER: json.dumps(dict(found.model)).encode()}), sink)
    return sink.getvalue()


def from_parquet(path: Path) -> Generated:
    """Read what `to_parquet` wrote."""
    table = pq.read_table(path)
    columns: dict[str, Any] = {name: tuple(table[name].to_pylist()) for name in _TEXTS}
    columns |= {name: table[name].to_numpy() for name in _NUMBERS}
    for name in _FEATURES:
        parts = [column for column in table.column_names if column.startswith(f"{name} ")]
        columns[name] = np.column_stack([table[part].to_numpy() for part in parts])
    return Generated(Material(**columns), json.loads(table.schema.metadata[_HEADER]))


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: two studies may ask the same at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def unreadable(*materials: Material) -> Measured:
    """Share of answers and audits that could not be read, the largest of several families."""
    shares = [np.concatenate([one.readable, one.audit_readable[one.readable]]).mean() for one in materials]
    return {"unreadable_answers": 1.0 - float(min(shares))}


def calculator(
    *, population: BaseModel, log: Path, report: Report, skill: float, care: float, silence: float, insight: float
) -> Backend:
    """A model that does sums and errs with known chances, as `language=calculator`."""
    del population, log
    report("language model: a CALCULATOR with known chances of error")
    return Backend(Calculator(skill, care, silence, insight), None)
