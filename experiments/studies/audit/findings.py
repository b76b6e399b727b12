"""What an audit hands to its report: findings in the seven steps of governance, with a summary in front."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from experiments.study import Figure, Findings


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table as it is read: text in every cell.

    Attributes:
        caption: What it shows.
        columns: Heads.
        rows: Cells; the first of each row names it, the others are set as numbers.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the workflow.

    Attributes:
        title: What is done.
        lines: What came out, a paragraph each.
        grids: Tables.
        figures: Pictures, also among those of the findings.
    """

    title: str
    lines: tuple[str, ...]
    grids: tuple[Grid, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditFindings(Findings):
    """Findings of an audit.

    Attributes:
        lead: The answer in a few sentences.
        steps: Define the groups, model them, attractiveness, inconsistency, competition, sweep, levers.
    """

    lead: tuple[str, ...]
    steps: tuple[Step, ...]
    layout: str = "audit"

    def summary(self) -> dict[str, Any]:
        """As of every study, with the summary and the steps."""
        return {**super().summary(), "lead": list(self.lead), "steps": [asdict(step) for step in self.steps]}
