"""The portal keeps nothing of its own."""

__all__: list[str] = []
