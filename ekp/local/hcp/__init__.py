"""HCP Terraform's API, served on loopback: what a run and a test can talk to without HCP."""
