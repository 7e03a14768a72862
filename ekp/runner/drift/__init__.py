"""What differs between AWS and the states of the stacks."""
