"""The coupled map in one named parameter, as numbers of order one: only what moves is a coordinate."""

from __future__ import annotations

import numpy as np

from sim.arrays import Array, whole_number
from sim.coevolution.model import Advance, advance
from sim.coevolution.parameters import Coevolution
from sim.coevolution.piecewise import Evaluation, Regime
from sim.coevolution.state import CoupledState, full_house
from sim.coevolution.support import Support
from sim.errors import InputError
from sim.simplex import sample_uniform, tangent_basis

RECENT = 8
"""Platforms kept: a derivative asks for the same few values of the parameter again and again."""


class CoupledMap:
    """A `PiecewiseMap` made of a platform.

    Coordinates, those with a rate above zero: share of each group that is present (G), tastes (G V), lean (1), the
    accounts' mixture as tangent coordinates around the uniform one (V - 1).

    Args:
        model: The platform.
        parameter: Name of the parameter, one of `PARAMETERS`.
        frozen: State from which coordinates that don't move are taken; None for a full house.

    Raises:
        InputError: Nothing moves, or no such parameter.
    """

    def __init__(self, model: Coevolution, parameter: str, frozen: CoupledState | None = None) -> None:
        rates = model.rates
        self.parameter = parameter
        self.frozen = full_house(model) if frozen is None else frozen
        self.moving = {
            "audience": rates.audience > 0,
            "tastes": rates.taste > 0,
            "lean": rates.ranking > 0,
            "mixture": rates.accounts is not None and rates.accounts > 0,
        }
        if not any(self.moving.values()):
            raise InputError("rates", rates, "nothing moves: raise a rate above 0")
        self._model = model
        self._models: dict[float, Coevolution] = {}
        self._basis = tangent_basis(model.voices)
        self._guess: tuple[Support, ...] | None = None
        sizes = {
            "audience": model.groups,
            "tastes": model.groups * model.voices,
            "lean": 1,
            "mixture": model.voices - 1,
        }
        ends = np.cumsum([sizes[name] if on else 0 for name, on in self.moving.items()])
        self._slices = {name: slice(end - sizes[name], end) for name, end in zip(self.moving, ends, strict=True)}
        self.dimension = int(ends[-1])

    def model_at(self, value: float) -> Coevolution:
        """The platform at a value of the parameter."""
        if value not in self._models:
            if len(self._models) >= RECENT:
                self._models.pop(next(iter(self._models)))
            self._models[value] = self._model.with_parameter(self.parameter, value)
        return self._models[value]

    def pack(self, state: CoupledState) -> Array:
        """Coordinates of a state, or of many, shape (..., X)."""
        groups = state.tastes.shape[-2:]
        parts = {
            "audience": state.audience / self._model.audience.base,
            "tastes": state.tastes.reshape(*state.tastes.shape[:-2], groups[0] * groups[1]),
            "lean": np.asarray(state.lean)[..., None],
            "mixture": state.mixture @ self._basis,
        }
        return np.concatenate([parts[name] for name, on in self.moving.items() if on], axis=-1)

    def unpack(self, point: Array) -> CoupledState:
        """The state at a point, or the states at many, shape (..., X)."""
        frozen, moving = self.frozen, self.moving
        parts = {name: point[..., part] for name, part in self._slices.items()}
        many = point.shape[:-1]
        lean = parts["lean"][..., 0] if moving["lean"] else np.broadcast_to(frozen.lean, many)
        mixture = np.broadcast_to(frozen.mixture, (*many, self._model.voices))
        return CoupledState(
            parts["audience"] * self._model.audience.base if moving["audience"] else frozen.audience,
            parts["tastes"].reshape(*many, *frozen.tastes.shape) if moving["tastes"] else frozen.tastes,
            lean if many else float(lean),
            1 / self._model.voices + parts["mixture"] @ self._basis.T if moving["mixture"] else mixture,
        )

    def advance(self, point: Array, value: float, supports: tuple[Support, ...] | None = None) -> Advance:
        """One round, with the state after it and the voices in use."""
        played = advance(self.model_at(value), self.unpack(point), supports, self._guess)
        self._guess = played.supports
        return played

    def evaluate(self, point: Array, parameter: float, regime: Regime | None = None) -> Evaluation:
        """See `PiecewiseMap`; the regime lists the voices in use."""
        voices = self._model.voices
        supports = None if regime is None else tuple(regime[k : k + voices] for k in range(0, len(regime), voices))
        played = self.advance(point, parameter, supports)
        used = tuple(on for support in played.supports for on in support)
        return Evaluation(self.pack(played.state), used, played.margins)

    def mixture(self, point: Array, value: float) -> Array:
        """What accounts show at a point, shape (V,)."""
        return self.unpack(point).mixture if self.moving["mixture"] else self.advance(point, value).state.mixture

    def starts(self, rng: np.random.Generator, count: int, value: float) -> Array:
        """States spread over the box of all states, full house and empty house among them, shape (count, X).

        Args:
            rng: Source of randomness.
            count: How many, >= 2.
            value: Of the parameter.
        """
        whole_number("starts", count, minimum=2)
        model = self.model_at(value)
        audience, span = model.audience, model.ranking.span
        present = rng.random((count, model.groups))
        present[0], present[1] = 1.0, 0.0
        # Corners find what lies near them; the others fill the box.
        present[2:] = np.where(rng.random((count - 2, 1)) < 0.5, np.round(present[2:]), present[2:])
        shown = sample_uniform(rng, model.voices, (count, model.groups))
        tastes = (1 - audience.susceptibility) * audience.tastes + audience.susceptibility * shown
        leans = rng.uniform(-span, span, count)
        mixtures = sample_uniform(rng, model.voices, count)
        return np.stack(
            [
                self.pack(CoupledState(present[k] * audience.base, tastes[k], leans[k], mixtures[k]))
                for k in range(count)
            ]
        )
