"""Archives and compressed streams: one blob into the blobs of its members, within limits."""
