"""`ekp hcp`, with the official client, against HCP Terraform's API as it is served here."""
