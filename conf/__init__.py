"""Hydra configuration groups; experiments/schema.py holds their types."""
