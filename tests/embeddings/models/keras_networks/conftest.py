import embeddings.models.keras_networks  # noqa: F401  imports Keras faster than Keras itself does
