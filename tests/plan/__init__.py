"""Plans of every stack by the real provider."""
