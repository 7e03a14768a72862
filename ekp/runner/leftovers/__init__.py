"""What a destroy left in AWS."""
