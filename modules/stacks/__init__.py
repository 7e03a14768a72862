"""The layers: each file is one Terraform state, its settings and its contract."""
