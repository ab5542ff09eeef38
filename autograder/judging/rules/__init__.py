"""What an answer must not call."""
