"""Pictures to unit vectors: photos, backbones, compiled networks and the vector store."""
