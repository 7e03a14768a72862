"""Corrections of moto's WAF."""
