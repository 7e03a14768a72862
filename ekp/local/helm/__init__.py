"""A stand-in of Terraform's helm provider: it records releases and renders bundles of objects."""
