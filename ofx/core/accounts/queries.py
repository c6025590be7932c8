"""Small reads about people."""

from ofx.core.accounts.models import User


def display_name(user: User) -> str:
    """How a person is called on pages."""
    return user.name or user.email
