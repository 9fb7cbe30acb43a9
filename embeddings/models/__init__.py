"""Networks: backbones, their weights, their compiled form, and the runtime."""
