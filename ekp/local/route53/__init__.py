"""Corrections of moto's Route53, and the operations it lacks."""
