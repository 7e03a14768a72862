"""The drill in which more good requests come than services were sized for."""
