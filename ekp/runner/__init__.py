"""The runner: Terraform over the stacks that were synthesized, in order and with care."""
