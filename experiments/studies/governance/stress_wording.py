"""What levers bear, in words for people who decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.governance.wording import percentage
from experiments.study import Claim

if TYPE_CHECKING:
    from experiments.studies.governance.stress import Tested

CHOSEN = 1.5
"""The margin that the claims are about: the first tested that is at least this, else the largest."""
DEAR = 0.05
"""More engagement than this, as a share, is no little price for a margin."""


def stress_claims(tested: list[Tested], *, threshold: float, error: float, bloc: float) -> tuple[Claim, ...]:
    """Every claim of the stress tests: of the smallest change, of the one with a margin, and last of the cheapest."""
    *smallest, cheapest = tested
    edge = smallest[0]
    chosen = next((one for one in smallest if one.margin >= CHOSEN), smallest[-1])
    return (
        _errors(edge, "the smallest lever bears errors", error),
        _errors(chosen, "a margin bears errors", error),
        _hostile(edge, "the smallest lever bears a hostile bloc", threshold, bloc),
        _hostile(chosen, "a margin bears a hostile bloc", threshold, bloc),
        _collusion(tested, threshold),
        _newcomers(chosen, threshold),
        _price(edge, chosen),
        _cheapest(chosen, cheapest, threshold=threshold, error=error, bloc=bloc),
    )


def _errors(one: Tested, name: str, error: float) -> Claim:
    alone = ", ".join(f"{each} {off.low:.3g} to {off.high:.3g}" for each, off in one.off.items())
    known = not np.isnan(one.jointly)
    jointly = f"all coefficients at once may be off by a factor of {one.jointly:.3f}" if known else "a coefficient is 0"
    drawn = (
        "" if np.isnan(one.drawn) else f". Drawn from other people, it holds in {percentage(one.drawn)} of the draws"
    )
    return Claim(
        name=name,
        statement=f"The {one.name} keeps every group when every coefficient is off by up to a factor of {error:g}.",
        found=f"{jointly}; one alone by: {alone}{drawn}",
        holds=bool(one.jointly >= error) if known else None,
    )


def _hostile(one: Tested, name: str, threshold: float, bloc: float) -> Claim:
    share = one.borne(one.hostile, threshold)
    return Claim(
        name=name,
        statement=f"The {one.name} keeps every group when {percentage(bloc)} of the accounts want one gone.",
        found=f"it bears up to {percentage(share)} of the accounts",
        holds=share >= bloc,
    )


def _collusion(tested: list[Tested], threshold: float) -> Claim:
    shares = {one.name: one.borne(one.colluding, threshold) for one in tested}
    words = ", ".join(f"{name} {percentage(share)}" for name, share in shares.items())
    return Claim(
        name="collusion excludes nobody",
        statement="Accounts that act as one for their own good leave no group out, however many they are.",
        found=f"largest bloc borne: {words}; members who mind what they cost each other act "
        "as if diversity were paid more, which helps or harms as that does",
        holds=min(shares.values()) == 1,
    )


def _newcomers(one: Tested, threshold: float) -> Claim:
    found = {group: each for group, each in one.entries.items() if each is not None}
    lost = [group for group, each in found.items() if not each.holds]
    own = [group for group in lost if found[group].after[found[group].newcomer] < threshold]
    return Claim(
        name="whoever enters is kept",
        statement=f"A lever chosen without a group (margin {one.margin:g}) keeps every group when that one enters.",
        found=f"{len(found) - len(lost)} of {len(found)} newcomers leave every group represented"
        + (f"; not {', '.join(lost)}" if lost else "")
        + (f" ({', '.join(own)} left out themselves)" if own else "")
        + ": choose the lever anew when the audience changes"
        if found
        else "too few groups to take one out",
        holds=not lost if found else None,
    )


def _price(edge: Tested, chosen: Tested) -> Claim:
    extra = chosen.lever.price - edge.lever.price
    return Claim(
        name="a margin costs little",
        statement=f"The {chosen.name} gives up at most {percentage(DEAR)} of engagement more than the smallest change.",
        found=f"{percentage(chosen.lever.price)} instead of {percentage(edge.lever.price)}",
        holds=extra <= DEAR,
    )


def _cheapest(chosen: Tested, cheapest: Tested, *, threshold: float, error: float, bloc: float) -> Claim:
    share, other = (one.borne(one.hostile, threshold) for one in (cheapest, chosen))
    known = not np.isnan(cheapest.jointly)
    at_edge = int(np.sum(cheapest.lever.certificate.mixture < cheapest.lever.after.least * 1.01))
    return Claim(
        name="a cheaper lever bears them too",
        statement=f"The lever of {cheapest.name} bears the same errors and the same bloc as the smallest change with a "
        "margin, for less engagement.",
        found=f"it gives up {percentage(cheapest.lever.price)} instead of {percentage(chosen.lever.price)}, bears "
        f"errors of a factor of {cheapest.jointly:.3f} (instead of {chosen.jointly:.3f}) and {percentage(share)} "
        f"hostile accounts (instead of {percentage(other)}); {at_edge} groups share the last place",
        holds=bool(cheapest.jointly >= error and share >= bloc and cheapest.lever.price < chosen.lever.price)
        if known
        else None,
    )
