"""What tests of several tiers share; nothing here imports a binding but ``settings``."""
