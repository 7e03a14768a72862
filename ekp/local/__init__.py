"""The local AWS: moto's server with what Terraform needs and moto lacks."""
