"""Speed and memory, measured against what a user would use instead: `python -m benchmarks`."""
