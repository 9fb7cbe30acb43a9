"""What a search found, and what visitors can do with it."""
