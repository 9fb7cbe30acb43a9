"""Languages: translations, numbers, prices."""
