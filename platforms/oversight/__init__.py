"""Where solver, auditor and principal meet: tasks with an exact truth, audits, and a ledger of what happened."""
