"""The base of every page: router, services, failures, visitors."""
