"""An environment as a picture, drawn from its synthesized stacks alone."""
