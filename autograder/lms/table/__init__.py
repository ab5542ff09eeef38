"""Delimited text: the form that most systems import grades in."""
