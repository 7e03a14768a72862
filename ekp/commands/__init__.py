"""The commands people meet, one family a file; each is thin and calls what does the work."""
