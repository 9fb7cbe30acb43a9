"""The refined ranking of candidates: agreeing patches, agreeing print, and their combined score."""
