"""Each policy on named examples, and all of them on what is synthesized."""
