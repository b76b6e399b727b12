"""A study of the user's own, as cheap as one can be: a random game and its equilibrium; on demand it fails."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from experiments.study import Claim, Findings
from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import homogeneous_equilibrium


class Settles:
    def __init__(self, seed: int, seconds: float = 0.0, trouble: str = "", mark: str = "") -> None:
        self.seed, self.seconds, self.trouble, self.mark = seed, seconds, trouble, mark

    def run(self, directory: Any, reporter: Any) -> Findings:
        del directory, reporter
        if self.trouble == "crash":
            raise RuntimeError("this point crashes")
        if self.trouble == "killed" or (self.trouble == "killed once" and not Path(self.mark).exists()):
            if self.mark:
                Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self.seconds)
        rng = np.random.default_rng(self.seed)
        attractiveness = rng.dirichlet(np.ones(3))
        incentives = Incentives(attractiveness=1.0, inconsistency=1.0, diversity=1.0)
        game = AlignmentGame(
            attractiveness=attractiveness,
            inconsistency=np.eye(3),
            similarity=np.eye(3),
            incentives=incentives,
            accounts=5,
        )
        found = homogeneous_equilibrium(game)
        holds = bool(found.exploitability < 1e-9)
        claim = Claim(
            name="equilibrium", statement="no account gains", found=f"{found.exploitability:.1e}", holds=holds
        )
        return Findings(title="A random game", claims=(claim,))
