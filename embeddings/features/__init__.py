"""Data stored per picture: vectors, descriptions, and the spaces in which patches are compared."""
