"""Applying environments with the real Terraform and provider on the local AWS."""
