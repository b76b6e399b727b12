"""What a run does: how fast it contracts, whether it repeats itself, drifts or is chaotic, which start ends where."""

from sim.diagnosis.basins import Basins, LimitSet, basins, simplex_grid
from sim.diagnosis.lyapunov import LyapunovExponent, largest_lyapunov
from sim.diagnosis.motion import Motion, describe_motion
from sim.diagnosis.noise import NoiseCovariance, decaying_covariance, noise_covariance, stationary_covariance
from sim.diagnosis.rate import FittedRate, RateCheck, check_rate, fitted_rate
from sim.diagnosis.recurrence import recurrence
from sim.diagnosis.stationarity import Stationarity, stationarity
from sim.diagnosis.trajectory_exponent import TrajectoryExponent, trajectory_exponent

__all__ = [
    "Basins",
    "FittedRate",
    "LimitSet",
    "LyapunovExponent",
    "Motion",
    "NoiseCovariance",
    "RateCheck",
    "Stationarity",
    "TrajectoryExponent",
    "basins",
    "check_rate",
    "decaying_covariance",
    "describe_motion",
    "fitted_rate",
    "largest_lyapunov",
    "noise_covariance",
    "recurrence",
    "simplex_grid",
    "stationarity",
    "stationary_covariance",
    "trajectory_exponent",
]
