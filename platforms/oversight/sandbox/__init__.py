"""Runs code nobody has read: behind walls of the kernel, one process a job, every way to fail an outcome."""

from platforms.oversight.sandbox.assertion import Assertion
from platforms.oversight.sandbox.outcome import Outcome, SandboxOutcome
from platforms.oversight.sandbox.sandbox import Job, Limits, Sandbox, SandboxUnavailable

__all__ = ["Assertion", "Job", "Limits", "Outcome", "Sandbox", "SandboxOutcome", "SandboxUnavailable"]
