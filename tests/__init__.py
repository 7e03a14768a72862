"""The tests: each folder is a tier, each test's name a sentence that is true."""
