"""What modules and layers emit, as synthesized JSON."""
