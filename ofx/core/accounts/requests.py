"""The request as views behind `login_required` know it, for the type checker."""

from django.http import HttpRequest

from ofx.core.accounts.models import User


class SignedIn(HttpRequest):
    """A request whose user is a person, never anonymous."""

    user: User  # type: ignore[assignment]
