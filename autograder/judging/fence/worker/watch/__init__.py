"""Notices what an answer calls while it is probed, and when it meddles with those who ask."""
