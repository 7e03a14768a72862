"""Constructs of AWS services; each file is one module: its settings, its outputs, what it makes."""
