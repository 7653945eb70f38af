"""A whole object database: a repository in; out: its objects, and the commits and paths that they came in with."""
