"""The policy gate: checkov's checks and ours over what was synthesized, planned and rendered."""
