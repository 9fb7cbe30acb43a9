"""The demo shop: a database, rendered packshots and labelled phone photos."""
