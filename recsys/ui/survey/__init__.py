"""The page Poll."""
