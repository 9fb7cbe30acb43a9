"""Running the app: whether it is in order, and copies of its records."""
