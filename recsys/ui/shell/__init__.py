"""What every page stands on: router, services, failures, visitors."""
