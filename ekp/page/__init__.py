"""What HTML pages have in common: one file that asks for nothing else, and can be filtered."""
