"""The records database: SQLite in the data home, or another one by its URL."""
