"""The platform's services: one file a service, with its chart, its role and its values."""
