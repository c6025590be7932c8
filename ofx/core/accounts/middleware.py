"""Which organisation the signed-in person acts for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

SESSION_KEY = "acting"


class ActingMembership:
    """Sets `request.user.acting` from the session's choice; the person's first membership is the default."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        plain = request.user
        request.user = SimpleLazyObject(lambda: _with_choice(request, plain))  # type: ignore[assignment]
        return self.get_response(request)


def _with_choice(request: HttpRequest, user):  # type: ignore[no-untyped-def]
    chosen = request.session.get(SESSION_KEY) if user.is_authenticated else None
    if chosen:
        membership = user.memberships.select_related("organisation").filter(pk=chosen).first()
        if membership:
            user.acting = membership
    return user._wrapped if isinstance(user, SimpleLazyObject) else user
