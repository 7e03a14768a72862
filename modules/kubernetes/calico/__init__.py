"""Calico's network policies, from flows and services."""
