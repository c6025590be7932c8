"""Foreign text made fit for a database column: no NUL, no lone surrogate."""

from typing import Any


def line(value: str) -> str:
    """The text without what PostgreSQL refuses."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def tree(value: Any) -> Any:
    """The same for every text inside lists and objects."""
    if isinstance(value, str):
        return line(value)
    if isinstance(value, dict):
        return {line(str(name)): tree(entry) for name, entry in value.items()}
    return [tree(entry) for entry in value] if isinstance(value, list) else value
