"""The charts that the stacks install: their pins, their releases, and whether values fit."""
