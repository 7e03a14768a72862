"""Workspaces of HCP Terraform: what the stacks of cdktf.out need there, and how it is made."""
