"""Services' objects as files for Git."""
