"""Answers that tests give."""

ALL_FOR_IT = {"preference": "image", "easier": "yes", "intuitive": "yes", "faster": "yes", "coming_back": "yes"}
