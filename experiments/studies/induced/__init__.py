"""Which incentives does a platform induce? From the log of a live platform, or of a play whose incentives are known."""

from experiments.studies.induced.kernel_play import KernelPlay
from experiments.studies.induced.own_log import OwnLog

__all__ = ["KernelPlay", "OwnLog"]
