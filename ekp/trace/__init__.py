"""Following one request through an environment as it is synthesized."""
