"""Online search: from a photo or words to products."""
