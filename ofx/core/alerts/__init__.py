"""Watching any object, and being told in the product."""
