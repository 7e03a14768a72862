"""Tests of the stand-in of the helm provider."""
