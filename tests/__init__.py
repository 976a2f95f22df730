"""Tests mirror the package; helpers that fake the world stand beside them."""
