"""Products: the catalogue, search over it, its evaluation, and the app that shows them."""
