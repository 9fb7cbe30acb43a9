"""The command line: a module for each group of commands, each importing what it needs when it runs."""
