"""A whole object database: a repository in, its objects, and where a commit brought them in, out."""
