"""Whether the same app synthesizes with other bindings: `make check-cdktn`."""
