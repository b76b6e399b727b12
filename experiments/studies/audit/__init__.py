"""Audit: who is left out of a population at its incentives, how sure that is, and which change would keep everyone."""

from experiments.studies.audit.audit import Audit

__all__ = ["Audit"]
