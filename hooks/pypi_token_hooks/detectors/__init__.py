"""One rule a module: pure functions from the bytes of a view to matches. No I/O."""
