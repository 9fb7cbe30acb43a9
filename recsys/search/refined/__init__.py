"""The refined order of candidates: patches that agree, print that agrees, and what the two are worth together."""
