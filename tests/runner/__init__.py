"""Tests of the runner: real Terraform, the real AWS provider, the local AWS."""
