"""Hooks that stop credentials for Python package indexes from leaving a machine through git."""

__version__ = "1.0.0"
