"""IAM policies of the platform's services, as pure functions."""
