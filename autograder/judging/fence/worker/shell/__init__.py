"""Runs cells as Jupyter does."""
