"""Offline: encoding and describing a catalogue, and learning of it what a search needs."""
