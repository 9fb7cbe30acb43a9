"""What people did: their searches, and what they say of the matches."""
