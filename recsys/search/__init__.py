"""Online: a photo or words to products."""
