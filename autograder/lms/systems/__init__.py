"""One file for each learning management system."""
