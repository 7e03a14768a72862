"""An environment as synthesized: its stacks, what they refer to, what its clusters run."""
