"""Bootstrapping: what an account needs before the first stack, and where its state goes."""
