"""The dashboard: incentives, levers, runs and oversight to look at, in a browser, read-only."""
