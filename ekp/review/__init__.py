"""What a plan would do, told to the one who has to say yes."""
