"""What is kept of a picture: vectors, descriptions, and the spaces that patches are compared in."""
