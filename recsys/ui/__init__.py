"""The parts of pages: navigation, cached services, cards, photo input, translations."""
