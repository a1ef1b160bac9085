"""Search in documents: their text with its place, an index over it, and what is found with page or heading."""
