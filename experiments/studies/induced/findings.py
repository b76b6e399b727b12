"""The claims and tables of a log, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.studies.induced.reading import FITTED, PUBLISHED, SHAPED, Reading
from experiments.study import Claim, Table
from sim.estimation.induced import WaldTest, as_matrix


def claims(reading: Reading) -> tuple[Claim, ...]:
    """Every claim a log can be asked about."""
    return (
        _told(reading),
        _form(reading),
        _one_best(reading),
        _unseen(reading),
        *(() if reading.shaped is None else (_published(reading), _better(reading))),
        _settles(reading),
    )


def _told(reading: Reading) -> Claim:
    found = reading.full.identification
    strategic = [told for told in found.parts if told.part != "nuisance"]
    return Claim(
        name="the log tells the incentives",
        statement="Attractiveness, inconsistency and crowding can be told apart in this log.",
        found=" ".join(found.sentences()),
        holds=all(told.status != "not told" for told in strategic),
    )


def _form(reading: Reading) -> Claim:
    form = reading.form
    rejected = form.rejected()
    found = f"Cubic terms: {_test(form.cubic)}. Powers of the fitted payoff: {_test(form.reset)}."
    if rejected is None:
        found += f" {reading.full.regression.clusters} clusters are too few for either."
    else:
        found += f" Together p = {form.p_value:.3g}: the form is {'rejected' if rejected else 'not rejected'} at 5%."
    return Claim(
        name="payoffs are quadratic",
        statement="Payoffs are quadratic in what an account plays and meets, as in every alignment game.",
        found=found,
        holds=None if rejected is None else not rejected,
    )


def _one_best(reading: Reading) -> Claim:
    name, statement = (
        "each account has one best mixture",
        "An account's own payoff is concave: best responses move, they do not jump.",
    )
    if reading.prediction is None:
        return Claim(name=name, statement=statement, found=reading.prediction_why, holds=None)
    mended, share = reading.prediction.induced.mended, reading.prediction.mended
    found = f"In {share:.0%} of the draws some direction curves upwards"
    found += f"; in the estimate one does, by {mended:.3g}, and counts as flat below." if mended else "."
    return Claim(name=name, statement=statement, found=found, holds=mended == 0)


def _unseen(reading: Reading) -> Claim:
    name, statement = "unseen rounds are predicted", "The fit predicts rounds it has not seen better than their mean."
    if reading.unseen is None:
        return Claim(name=name, statement=statement, found=reading.unseen_why, holds=None)
    share = reading.unseen.r_squared[FITTED]
    fit = reading.full.regression
    found = (
        f"R2 {fit.r_squared:.3f} (adjusted {fit.adjusted:.3f}) on the rounds fitted, {share:.3f} on blocks of rounds "
        f"left out; a payoff scatters by {fit.noise:.3g} around the fit."
    )
    return Claim(name=name, statement=statement, found=found, holds=share > 0)


def _published(reading: Reading) -> Claim:
    assert reading.shaped is not None  # noqa: S101 - asked only where shapes are given
    fit = reading.shaped
    low, high = fit.incentives.interval()
    price = fit.shapes.incentives
    given = (price.attractiveness, price.inconsistency, price.diversity)
    pieces = [
        f"{name} {value:.3g} [{a:.3g}, {b:.3g}] (published {known:.3g})"
        for name, value, a, b, known in zip(("bA", "bI", "bD"), fit.incentives.values, low, high, given, strict=True)
    ]
    test = fit.test(price)
    return Claim(
        name="the published incentives are the induced ones",
        statement="With the shapes of the opinion table, the platform induces the coefficients it publishes.",
        found=f"{'; '.join(pieces)}. All three at once: {_test(test)}.",
        holds=None if np.isnan(test.p_value) else bool(test.p_value >= 0.05),
    )


def _better(reading: Reading) -> Claim:
    name = "the fit beats what is published"
    statement = "On rounds not seen, the fit predicts payoffs better than published coefficients and shapes do."
    if reading.unseen is None:
        return Claim(name=name, statement=statement, found=reading.unseen_why, holds=None)
    best = min((FITTED, SHAPED), key=lambda model: float(reading.unseen.losses[model].mean()))  # type: ignore[union-attr]
    test = reading.unseen.paired(best, PUBLISHED)
    squares = reading.unseen.r_squared
    found = (
        f"R2 on unseen rounds: {', '.join(f'{model} {value:.3f}' for model, value in squares.items())}. Squared error, "
        f"{best} less published: {test.difference:.3g} [{test.low:.3g}, {test.high:.3g}], p = {test.p_value:.3g}."
    )
    return Claim(name=name, statement=statement, found=found, holds=test.difference < 0 and test.p_value < 0.05)


def _settles(reading: Reading) -> Claim:
    name = "accounts are where they settle"
    statement = "The last rounds of the log lie in the region in which the induced game has its equilibrium."
    if reading.prediction is None or reading.comparison is None:
        return Claim(name=name, statement=statement, found=f"No prediction: {reading.prediction_why}", holds=None)
    prediction, comparison = reading.prediction, reading.comparison
    labels = reading.log.labels
    weights = ", ".join(
        f"{label} {w:.3f} [{a:.3f}, {b:.3f}]"
        for label, w, a, b in zip(labels, prediction.mixture, *prediction.region, strict=True)
    )
    found = (
        f"Predicted {weights}; the last rounds are {comparison.distance:.3f} away (total variation), "
        f"{'inside' if comparison.inside else 'outside'}; farthest out: {labels[comparison.farthest]}. "
        f"kappa {prediction.stability:.3g}; above 1, where accounts specialise, in {prediction.specialise:.0%} of the "
        f"draws."
    )
    if prediction.unsolved:
        found += f" {prediction.unsolved} draws have no unique equilibrium."
    return Claim(name=name, statement=statement, found=found, holds=comparison.inside)


def tables(reading: Reading) -> tuple[Table, ...]:
    """Groups, matrices and the health of the log as CSV."""
    labels, fit = reading.log.labels, reading.full
    pull = fit.attractiveness
    low, high = pull.interval()
    groups = pd.DataFrame({"group": labels, "bA a": pull.values, "bA a low": low, "bA a high": high})
    if reading.prediction is not None:
        groups["equilibrium"] = reading.prediction.mixture
        groups["equilibrium low"], groups["equilibrium high"] = reading.prediction.region
    groups["last rounds"] = reading.end
    own, own_bounds = as_matrix(fit.inconsistency)
    crowd, crowd_bounds = as_matrix(fit.similarity)
    rows, columns = np.indices(own.shape).reshape(2, -1)
    pairs = pd.DataFrame({"group": [labels[i] for i in rows], "other": [labels[j] for j in columns]})
    for name, matrix, bounds in (("bI C", own, own_bounds), ("bD S", crowd, crowd_bounds)):
        pairs[name] = matrix.ravel()
        pairs[f"{name} low"], pairs[f"{name} high"] = bounds.low.ravel(), bounds.high.ravel()
    health = reading.log.health
    counts = {"rows given": health.given, "rows used": health.used}
    counts |= {f"left out: {reason}": count for reason, count in health.omitted.items()}
    counts |= {
        "mixtures rescaled": health.rescaled,
        "rounds missing": health.missing_rounds,
        "absences of an account": health.absences,
        "used rows whose others are incomplete": health.partial,
        "named neighbours unknown": health.unknown_neighbours,
    }
    return (
        Table(
            path="groups.csv",
            caption="Slope of payoffs in each weight at the uniform profile, less their mean; predicted and last "
            "weights, with 95% intervals",
            rows=groups,
        ),
        Table(
            path="matrices.csv",
            caption="Induced inconsistency and similarity, rows and columns summing to zero; 95% intervals",
            rows=pairs,
        ),
        Table(
            path="log_health.csv",
            caption="What became of the rows of the log",
            rows=pd.DataFrame({"what": list(counts), "count": list(counts.values())}),
        ),
    )


def assumptions(reading: Reading, clusters: str, intercepts: str) -> tuple[str, ...]:
    """What the numbers rest on."""
    lines = [
        "A payoff is a quadratic function of what the account plays and meets plus noise (theory of the alignment "
        "game, section 2).",
        f"Noise may be shared within each {clusters}, and not beyond; covariance CR2 with Satterthwaite degrees of "
        f"freedom; intercepts: {intercepts}.",
        "Only what any log can tell is shown: bA a sums to zero, and so does each row of bI C and of bD S. What they "
        "differ by from a platform's own a, C and S changes no equilibrium.",
        "The prediction is the homogeneous equilibrium: every account plays the same mixture.",
    ]
    if reading.log.health.partial:
        lines.append("Where some of the others are absent, those present stand for them.")
    return tuple(lines)


def limits(reading: Reading, clusters: str) -> tuple[str, ...]:
    """What the numbers don't show."""
    lines = [
        "What moves mixtures and payoffs together without one causing the other (a fashion, a season) is taken for an "
        "incentive; mixtures set at random, as exploration() makes them, rule that out.",
    ]
    size = 2 / np.sqrt(max(reading.persistent, 1))
    if clusters == "round" and not np.isnan(reading.persistence) and abs(reading.persistence) > size:
        lines.append(
            f"Residuals of an account in rounds that follow each other correlate ({reading.persistence:.2f}): "
            "intervals may be too narrow; compare study.clusters=account."
        )
    return tuple(lines)


def _test(test: WaldTest) -> str:
    if np.isnan(test.p_value):
        return f"{test.restrictions} restrictions, not testable"
    return f"F({test.restrictions}, {test.freedom:.0f}) = {test.statistic:.2f}, p = {test.p_value:.3g}"
