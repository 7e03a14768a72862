"""What every layer shares: settings, names, state, contracts, IAM documents, shared facts."""
