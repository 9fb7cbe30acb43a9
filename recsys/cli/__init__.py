"""The command line: one module per group of commands, which imports what it needs when it runs."""
