"""The policy gate: what it judges, explains and reports."""
