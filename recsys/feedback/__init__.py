"""Usage: people's searches, and their ratings of the matches."""
