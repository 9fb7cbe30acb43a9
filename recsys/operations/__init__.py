"""Running the app: health checks, and protection of its files."""
