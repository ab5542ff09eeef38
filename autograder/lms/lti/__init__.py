"""Grades sent straight to a gradebook: LTI 1.3."""
