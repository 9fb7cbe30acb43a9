"""Keras networks, built and compiled in a child process; the only package that imports Keras."""
