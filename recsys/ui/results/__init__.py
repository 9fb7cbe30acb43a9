"""What a search found, and what can be done with it."""
