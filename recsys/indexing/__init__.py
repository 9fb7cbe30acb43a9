"""Offline: encoding and describing a catalogue, and learning from it what a search needs."""
