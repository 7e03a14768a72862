"""What a reviewer of a plan is shown."""
