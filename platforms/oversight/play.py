"""What comes of choices: attempts, audits and random checks turn generated material into events."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platforms.oversight.pipeline import Flags, Material
from sim.arrays import Array
from sim.oversight.events import Event


def events_of(
    material: Material, *, attempted: ArrayLike, audited: ArrayLike, checked: ArrayLike, right: Flags | None = None
) -> NDArray[np.int8]:
    """The event of every row, (..., N); see `sim.oversight.events.Event`.

    Args:
        material: Answers and audits.
        attempted: Whether the solver hands its answer in, broadcast against (N,).
        audited: Whether the auditor looks at an answer that was handed in.
        checked: Whether an output that nobody flagged would be checked.
        right: Whether each answer counts as right, (N,); default: the truth. A resolver that errs judges otherwise.
    """
    tried, looked, drawn = (np.asarray(one, np.bool_) for one in (attempted, audited, checked))
    fine = material.right if right is None else right
    flagged = looked & material.flagged
    unread = looked & ~material.audit_readable
    cases: list[tuple[Flags, Event]] = [
        (~tried, Event.ABSTAINED),
        (~material.readable, Event.TRUNCATED),
        (fine & flagged, Event.RIGHT_FLAGGED),
        (fine & unread, Event.RIGHT_INVALID),
        (fine & looked, Event.RIGHT_CLEARED),
        (fine, Event.RIGHT_UNAUDITED),
        (flagged & material.evidence_right, Event.WRONG_CAUGHT),
        (flagged, Event.WRONG_CAUGHT_BY_CHANCE),
        (unread, Event.WRONG_INVALID),
        (drawn, Event.WRONG_CHECKED),
        (looked, Event.WRONG_CLEARED),
    ]
    shape = np.broadcast_shapes(tried.shape, looked.shape, drawn.shape, fine.shape)
    chosen = np.select(
        [np.broadcast_to(case, shape) for case, _ in cases],
        [np.int8(event) for _, event in cases],
        np.int8(Event.WRONG_UNAUDITED),
    )
    return chosen.astype(np.int8)


def expected_pay(material: Material, pay: Array, *, check_rate: float, right: Flags | None = None) -> Array:
    """What each row pays if attempted, without and with an audit, (L, N, 2), random checks in expectation.

    Args:
        material: Answers and audits.
        pay: Payment by event, (L, 12).
        check_rate: rho, share of outputs nobody flagged that are checked.
        right: As in `events_of`.
    """

    def paid(audited: bool, checked: bool) -> Array:
        return pay[:, events_of(material, attempted=True, audited=audited, checked=checked, right=right)]

    unaudited, looked = (
        (1 - check_rate) * paid(audited, False) + check_rate * paid(audited, True) for audited in (False, True)
    )
    return np.stack([unaudited, looked], axis=2)
