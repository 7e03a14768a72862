"""What a service consists of in its namespace."""
