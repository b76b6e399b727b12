"""The numbers of a play: weights by account and round, the predicted point, exploitability, and the latest posts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.dashboard.reading import numbers, read_parquet
from experiments.dashboard.runs import Run
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array
from sim.equilibrium import exploitability
from sim.errors import InputError

ROUNDS, POSTS, PROGRESS = "rounds.parquet", "posts.parquet", "progress"
MOST_POSTS = 400
_MOST_GAINS = 80
"""Rounds at which exploitability is computed: more are not seen in the picture."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Play:
    """A play, or as much of it as there is.

    Attributes:
        groups: Names of the groups.
        seeds: Of the runs, S of them.
        profiles: Mixtures by seed, round and account, (S, rounds + 1, M, D).
        predicted: Where the population should settle, (D,); None where that isn't written down.
        game: The game before play; None likewise.
    """

    groups: tuple[str, ...]
    seeds: tuple[int, ...]
    profiles: Array
    predicted: Array | None
    game: AlignmentGame | None

    @property
    def rounds(self) -> int:
        """Rounds played."""
        return int(self.profiles.shape[1]) - 1

    @property
    def population(self) -> Array:
        """Mean mixture of the accounts, (S, rounds + 1, D)."""
        mean: Array = self.profiles.mean(axis=2)
        return mean

    @property
    def distance(self) -> float | None:
        """Total variation of the population's present mean, over seeds, from the predicted point."""
        if self.predicted is None:
            return None
        return float(np.abs(self.population[:, -1].mean(axis=0) - self.predicted).sum() / 2)

    def gains(self) -> tuple[NDArray[np.int64], Array] | None:
        """Rounds, (K,), and exploitability there by seed, (S, K); None without the game."""
        if self.game is None:
            return None
        every = self.profiles.shape[1]
        at = np.unique(np.linspace(0, every - 1, min(every, _MOST_GAINS)).round().astype(np.int64))
        game = self.game
        values = [[exploitability(game, seed[t]) for t in at] for seed in self.profiles]
        return at, np.array(values)


def load_play(run: Run) -> Play | None:
    """The play of a run, also of one that goes on; None if it has played no round.

    Raises:
        InputError: A table can't be read, or is no play.
    """
    frame = _rounds(run.path)
    if frame is None or frame.empty:
        return None
    groups = tuple(name.removeprefix("played ") for name in frame.columns if name.startswith("played "))
    if len(groups) < 2 or any(f"next {group}" not in frame for group in groups):
        raise InputError(ROUNDS, ", ".join(map(str, frame.columns[:6])), "no columns 'played GROUP' and 'next GROUP'")
    ordered = frame.sort_values(["seed", "round", "account"])
    seeds = tuple(int(seed) for seed in ordered["seed"].unique())
    shape = (len(seeds), ordered["round"].nunique(), ordered["account"].nunique(), len(groups))
    if np.prod(shape[:3]) != len(ordered):
        raise InputError(
            ROUNDS, f"{len(ordered)} rows", f"expected {' x '.join(map(str, shape[:3]))}: rows are missing"
        )
    played = ordered[[f"played {group}" for group in groups]].to_numpy(np.float64).reshape(shape)
    after = ordered[[f"next {group}" for group in groups]].to_numpy(np.float64).reshape(shape)
    profiles = np.concatenate([played, after[:, -1:]], axis=1)
    if not np.isfinite(profiles).all():
        raise InputError(ROUNDS, "weights that are no numbers", "the table is damaged")
    predicted, game = predicted_by(run, groups)
    return Play(groups=groups, seeds=seeds, profiles=profiles, predicted=predicted, game=game)


def predicted_by(run: Run, groups: tuple[str, ...]) -> tuple[Array | None, AlignmentGame | None]:
    """The predicted point and the game behind it, as the run wrote them down.

    Raises:
        InputError: They are damaged, or of other groups.
    """
    known = run.prediction or run.verdict
    if known is None:
        return None, None
    if known.get("groups") != list(groups):
        raise InputError("groups", str(known.get("groups"))[:80], f"the rounds are of {', '.join(groups)}")
    predicted = np.array(numbers(known.get("predicted"), "predicted"), np.float64)
    game = game_of(run)
    return predicted, game


def game_of(run: Run) -> AlignmentGame | None:
    """The game that a play wrote down; None if it didn't.

    Raises:
        InputError: It is damaged.
    """
    known = run.prediction or run.verdict
    if known is None:
        return None
    at = known.get("incentives") or {key: _nested(run.config, "game", key) for key in Incentives.__dataclass_fields__}
    accounts = known.get("accounts") or _nested(run.config, "platform", "accounts")
    crowding = known.get("crowding") or _nested(run.config, "game", "crowding") or "mean"
    if accounts is None or not isinstance(at, dict) or None in at.values():
        return None
    return AlignmentGame(
        attractiveness=np.array(numbers(known.get("attractiveness"), "attractiveness"), np.float64),
        inconsistency=np.array(numbers(known.get("inconsistency"), "inconsistency", 2), np.float64),
        similarity=np.array(numbers(known.get("similarity"), "similarity", 2), np.float64),
        incentives=Incentives(**{key: at[key] for key in Incentives.__dataclass_fields__}),
        accounts=accounts,
        crowding="sum" if crowding == "sum" else "mean",
        groups=tuple(str(group) for group in known.get("groups", ())) or None,
    )


def _nested(config: dict[str, Any], *keys: str) -> Any:
    for key in keys:
        config = config.get(key) if isinstance(config, dict) else None  # type: ignore[assignment]
    return config


def load_posts(run: Run) -> pd.DataFrame:
    """The latest posts, newest first: seed, round, account, group, topic, text, voice.

    Raises:
        InputError: A table can't be read.
    """
    columns = ["seed", "round", "account", "group", "topic", "text", "voice"]
    whole = run.path / POSTS
    if whole.is_file():
        found = read_parquet(whole, columns)
    else:
        parts, rows = [], 0
        for part in reversed(_parts(run.path, "posts")):
            parts.append(read_parquet(part, columns))
            rows += len(parts[-1])
            if rows >= MOST_POSTS:
                break
        found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return found.sort_values(["round", "seed", "account"], ascending=[False, True, True]).head(MOST_POSTS)


def _rounds(place: Path) -> pd.DataFrame | None:
    whole = place / ROUNDS
    if whole.is_file():
        return read_parquet(whole)
    parts = [_part(part, part.stat().st_mtime_ns) for part in _parts(place, "rounds")]
    return pd.concat(parts, ignore_index=True) if parts else None


@lru_cache(maxsize=2048)
def _part(part: Path, changed: int) -> pd.DataFrame:
    """One round; `changed` makes a rewritten file another one."""
    return read_parquet(part)


def _parts(place: Path, kind: str) -> list[Path]:
    return sorted((place / PROGRESS).glob(f"{kind}-*.parquet"))
