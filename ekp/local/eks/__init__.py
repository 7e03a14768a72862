"""The part of Amazon EKS that moto lacks and Terraform's AWS provider calls."""
