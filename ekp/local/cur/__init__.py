"""Cost and Usage Reports, which moto lacks."""
