"""Corrections of moto's CloudFront, and the operations it lacks."""
