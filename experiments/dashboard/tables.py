"""Games to look at: shipped examples, a finished run's, or one estimated from a table of answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.subpopulations.sources import user_file
from experiments.dashboard.live_model import game_of
from experiments.dashboard.reading import read_csv
from experiments.dashboard.runs import Run
from experiments.examples import exclusion_maps
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation import GameEstimator, GameTerms, bhattacharyya

SURVEY = GameEstimator(similarity=bhattacharyya)
"""The estimators of `conf/estimate/survey.yaml`, which an audit uses unless told otherwise."""
LARGEST = 24
"""Most groups that the panels draw legibly."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """What a panel starts from.

    Attributes:
        name: What it is called in the list.
        groups: Names of the groups.
        terms: a, C and S.
        incentives: Those it starts at.
        accounts: Number of accounts; only the stability number depends on it.
        shares: Share of the people in each group, (D,); equal ones where nobody was counted.
        note: Where the numbers come from.
    """

    name: str
    groups: tuple[str, ...]
    terms: GameTerms
    incentives: Incentives
    accounts: int
    shares: Array
    note: str

    def game(self, incentives: Incentives) -> AlignmentGame:
        """The game at these incentives.

        Raises:
            InputError: The terms make no game.
        """
        return AlignmentGame(**self.terms._asdict(), incentives=incentives, accounts=self.accounts, groups=self.groups)


def of_file(path: Path) -> Table:
    """Estimate the game of a table of answers, as an audit does with its default estimators.

    Args:
        path: A table in either form that `equipolis audit` reads, with a column `group`.

    Raises:
        InputError: The table can't be read or used; the message says where and why.
    """
    loaded = user_file.load(path)
    return Table(
        name=path.name,
        groups=loaded.table.groups,
        terms=SURVEY(loaded.table),
        incentives=Incentives(1.0, 1.0, 1.0),
        accounts=10,
        shares=loaded.table.shares,
        note=f"Estimated from {path.name}: {'; '.join(SURVEY.provenance)}.",
    )


def of_run(run: Run) -> Table:
    """The game of a play, or of an audit.

    Raises:
        InputError: The run holds none, or a damaged one.
    """
    if run.findings is not None and (run.path / "similarity.csv").is_file():
        return _of_audit(run)
    game = game_of(run)
    if game is None:
        raise InputError("run directory", run.name, "it holds no game: open a play or an audit")
    groups = game.groups or tuple(f"group {d}" for d in range(game.dimension))
    return Table(
        name=run.name,
        groups=groups,
        terms=GameTerms(game.attractiveness, game.inconsistency, game.similarity),
        incentives=game.incentives,
        accounts=game.accounts,
        shares=np.full(game.dimension, 1.0 / game.dimension),
        note=f"The game before play of {run.name}.",
    )


def _of_audit(run: Run) -> Table:
    frame = read_csv(run.path / "groups.csv")
    matrices = [read_csv(run.path / f"{name}.csv") for name in ("inconsistency", "similarity")]
    try:
        groups = tuple(str(group) for group in frame["group"])
        terms = GameTerms(
            frame["attractiveness"].to_numpy(np.float64),
            *(matrix.drop(columns="group").to_numpy(np.float64) for matrix in matrices),
        )
        shares = frame["share"].to_numpy(np.float64)
        at = run.config.get("game", {})
        incentives = Incentives(**{name: at.get(name, 1.0) for name in Incentives.__dataclass_fields__})
        accounts = int(run.config.get("study", {}).get("accounts", 10))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError(run.name, str(error)[:120], "the tables of this audit are damaged") from error
    note = f"Estimated by the audit {run.name}."
    return Table(
        name=run.name, groups=groups, terms=terms, incentives=incentives, accounts=accounts, shares=shares, note=note
    )


def examples() -> tuple[Table, ...]:
    """The games that come with the project."""
    voters = exclusion_maps
    near = np.array([[1.0, 0.75, 0.2], [0.75, 1.0, 0.75], [0.2, 0.75, 1.0]])
    return (
        Table(
            name="Five groups of voters",
            groups=voters.GROUPS,
            terms=GameTerms(voters.ATTRACTIVENESS, voters.INCONSISTENCY, voters.SIMILARITY),
            incentives=Incentives(2.0, 1.0, 1.0),
            accounts=10,
            shares=voters.ATTRACTIVENESS,
            note="Attractiveness and own inconsistency as in the FiveThirtyEight non-voter survey of 2020; "
            "similarity is the overlap of mixtures.",
        ),
        Table(
            name="Three groups",
            groups=("large", "middle", "small"),
            terms=GameTerms(np.array([0.55, 0.35, 0.10]), np.diag([0.4, 0.4, 0.4]), np.eye(3)),
            incentives=Incentives(2.0, 1.0, 0.5),
            accounts=10,
            shares=np.array([0.55, 0.35, 0.10]),
            note="The example of the README: the third group is excluded unless diversity is rewarded.",
        ),
        Table(
            name="A middle that is like both sides",
            groups=("left", "middle", "right"),
            terms=GameTerms(np.array([0.36, 0.28, 0.36]), np.diag([0.4, 0.4, 0.4]), near),
            incentives=Incentives(1.0, 1.0, 1.0),
            accounts=10,
            shares=np.array([0.36, 0.28, 0.36]),
            note="Made up: the middle crowds, and is crowded by, both sides, so rewarding diversity drives it out.",
        ),
    )
