"""Networks: backbones, their weights, their compiled form, and what runs it."""
