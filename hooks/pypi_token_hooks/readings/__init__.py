"""Other ways to read the same bytes: one blob into views, each with the map back to its offsets."""
