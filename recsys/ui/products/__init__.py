"""Products as they are shown: cards, pictures, filters."""
