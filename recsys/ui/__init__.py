"""What pages are made of: navigation, cached services, cards, photo input, translations."""
