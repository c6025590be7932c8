"""The type of a request behind a login."""

from django.http import HttpRequest

from ofx.core.accounts.models import User


class UserRequest(HttpRequest):
    """A request whose user is signed in: what `login_required` views receive."""

    user: User  # type: ignore[assignment]
