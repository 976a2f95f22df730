"""Vectors of texts from an embedding model: asked for once, kept, and searched by nearness."""
