"""Findings in, text out: one module a format. Nothing else prints."""
