"""From a log of play to the incentives that a platform really induces: fits, tests, predictions, and designs."""

from sim.estimation.induced.bootstrap import block_bootstrap
from sim.estimation.induced.cleaning import LogHealth
from sim.estimation.induced.clustered import Estimates, Regression, WaldTest
from sim.estimation.induced.exploration import ExpectedErrors, Script, expected_errors, exploration
from sim.estimation.induced.fits import FullFit, InducedFit, InducedGame, ScalarFit, as_matrix, fit_full, fit_scalar
from sim.estimation.induced.form import FormTest, form_test
from sim.estimation.induced.held_out import HeldOut, PairedTest, Published, Quadratic, WithShapes, held_out
from sim.estimation.induced.identify import Identification, NotIdentifiedError, Told
from sim.estimation.induced.log import PlayLog
from sim.estimation.induced.predict import Comparison, InducedEquilibrium, compare, predict

__all__ = [
    "Comparison",
    "Estimates",
    "ExpectedErrors",
    "FormTest",
    "FullFit",
    "HeldOut",
    "Identification",
    "InducedEquilibrium",
    "InducedFit",
    "InducedGame",
    "LogHealth",
    "NotIdentifiedError",
    "PairedTest",
    "PlayLog",
    "Published",
    "Quadratic",
    "Regression",
    "ScalarFit",
    "Script",
    "Told",
    "WaldTest",
    "WithShapes",
    "as_matrix",
    "block_bootstrap",
    "compare",
    "expected_errors",
    "exploration",
    "fit_full",
    "fit_scalar",
    "form_test",
    "held_out",
    "predict",
]
