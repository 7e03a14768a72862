"""Settings, names, documents and shared facts: pure Python, nothing is synthesized."""
