"""Requirements and the tests that prove them."""
