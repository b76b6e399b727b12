"""Everything one experiment found, before it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from agents.subpopulations.gate import Gate
from agents.subpopulations.population import Opinions
from experiments.assess import Assessment
from experiments.health import Health
from experiments.play import Record
from sim.alignment_game import AlignmentGame
from sim.equilibrium import HomogeneousEquilibrium


@dataclass(frozen=True, kw_only=True)
class Result:
    """One experiment's findings.

    Attributes:
        game: The game as estimated before play.
        prediction: Its homogeneous equilibrium among mixtures that keep the exploration floor.
        record: What was played.
        assessment: The play held against the prediction.
        gates: Held-out checks of the voices, by way of conditioning; the first was in force.
        opinions: What the subpopulation models answer.
        synthetic: Whether a known mixture response stood in for a language model.
        health: What went wrong on the way, against its limits.
    """

    game: AlignmentGame
    prediction: HomogeneousEquilibrium
    record: Record
    assessment: Assessment
    gates: Mapping[str, Gate]
    opinions: Opinions
    synthetic: bool
    health: Health

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return self.opinions.table.groups

    def summary(self) -> dict[str, Any]:
        """The contents of verdict.json."""
        found = self.assessment
        realisation = found.realisation
        calibration = self.opinions.calibration
        return {
            "verdict": found.verdict.to_dict(),
            "health": self.health.to_dict(),
            "groups": list(self.groups),
            "predicted": self.prediction.mixture.tolist(),
            "relaxed": self.prediction.relaxed.tolist(),
            "interior": self.prediction.interior,
            "kappa": self.prediction.stability if np.isfinite(self.prediction.stability) else "infinite",
            "attractiveness": self.game.attractiveness.tolist(),
            "inconsistency": self.game.inconsistency.tolist(),
            "similarity": self.game.similarity.tolist(),
            "negative_control": {
                "kind": found.control.verdict.kind,
                "rejected": found.control.rejected,
                "sabotage": found.control.sabotage,
                "wrong_prediction": found.control.prediction.tolist(),
            },
            "rivals": [
                {"name": r.name, "mixture": r.mixture.tolist(), "separation": r.separation, "kind": r.kind}
                for r in found.rivals
            ],
            "predicted_with_peoples_answers": None if found.people is None else found.people.tolist(),
            "predicted_rate": asdict(found.rate) if found.rate else None,
            "mean_map_rate": found.mean_map_rate,
            "mean_map_rate_check": asdict(found.mean_map_check) if found.mean_map_check else None,
            "gap": {name: part.tolist() for name, part in vars(found.gap).items()},
            "gap_sizes": found.gap.sizes(),
            "floor_bias": found.floor_bias,
            "realisation": {
                "voice": realisation.voice.tolist(),
                "heard_voice": realisation.heard_voice.tolist(),
                "heard_posts": realisation.heard,
                "drawn": realisation.drawn.tolist(),
                "recovered": realisation.recovered.tolist(),
                "error": realisation.error,
                "silent_posts": realisation.silent,
                "repeated_posts": realisation.repeated,
            },
            "gates": {
                name: {"passed": gate.passed, "margins": gate.margins.tolist(), "confusion": gate.confusion.tolist()}
                for name, gate in self.gates.items()
            },
            "calibration": asdict(calibration) if calibration else None,
        }
