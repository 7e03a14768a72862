"""What an NGINX shard is told about a service."""
