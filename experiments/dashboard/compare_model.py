"""Runs side by side: the rows of the comparison, out of what each run directory says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.dashboard.runs import Run


def comparison(runs: Sequence[Run]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name of every fact and its value in each run; facts that no run knows are left out."""
    facts = [_facts(run) for run in runs]
    names = list(dict.fromkeys(name for one in facts for name in one))
    return tuple((name, tuple(one.get(name, "") for one in facts)) for name in names)


def differing(runs: Sequence[Run]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Keys of the configuration whose values are not the same in all runs."""
    flat = [dict(_flat("", run.config)) for run in runs]
    keys = sorted({key for one in flat for key in one})
    rows = ((key, tuple(one.get(key, "(absent)") for one in flat)) for key in keys)
    return tuple(row for row in rows if len(set(row[1])) > 1)


def _facts(run: Run) -> dict[str, str]:
    found: dict[str, str] = {"state": run.state}
    verdict = (run.verdict or {}).get("verdict")
    if isinstance(verdict, dict):
        found["verdict"] = str(verdict.get("kind"))
        for name in ("distance", "population_distance", "exploitability"):
            value = verdict.get(name)
            if isinstance(value, dict):
                found[name.replace("_", " ")] = " ".join(
                    (_number(value.get("estimate")), f"[{_number(value.get('low'))}, {_number(value.get('high'))}]")
                )
    whole = run.verdict or {}
    for key, words in (("kappa", "kappa"), ("interior", "interior equilibrium")):
        if key in whole:
            found[words] = _number(whole[key])
    for cause, size in _pairs(whole.get("gap_sizes")):
        found[f"gap, {cause}"] = _number(size)
    settled = verdict.get("settled") if isinstance(verdict, dict) else None
    groups, predicted = whole.get("groups"), whole.get("predicted")
    if isinstance(groups, list) and isinstance(predicted, list) and isinstance(settled, list):
        for group, before, after in zip(groups, predicted, settled, strict=False):
            found[f"{group}: predicted, settled"] = f"{_number(before)}, {_number(after)}"
    claims = (run.findings or {}).get("claims")
    for claim in claims if isinstance(claims, list) else []:
        if isinstance(claim, dict):
            found[f"claim: {claim.get('name')}"] = str(claim.get("outcome"))
    found |= _health(run)
    return found


def _health(run: Run) -> dict[str, str]:
    """What went wrong, where the run counted it."""
    known = (run.verdict or {}).get("health") or (run.findings or {}).get("health")
    checks = known.get("checks") if isinstance(known, dict) else None
    found = {"health": "unhealthy"} if run.state == "unhealthy" else {}
    for check in checks if isinstance(checks, list) else []:
        if isinstance(check, dict):
            name = str(check.get("key", check.get("name"))).replace("_", " ")
            found[f"health: {name}"] = f"{_number(check.get('value'))} (at most {_number(check.get('limit'))})"
    return found


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _pairs(value: object) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _flat(prefix: str, node: object) -> list[tuple[str, str]]:
    if isinstance(node, dict):
        return [pair for key, value in node.items() for pair in _flat(f"{prefix}.{key}".lstrip("."), value)]
    return [(prefix, str(node))]
