"""What every session is asked: for whom it acts, when it was last seen, and whether a second factor is due."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from ofx.core.accounts import queries
from ofx.core.clock import now

SESSION_KEY = "acting"
SEEN_KEY = "seen"  # when the sessions list was last told of this session, in seconds
SIGN_ON_KEY = "sign_on"  # the organisation's provider that vouched for this session
SEEN_EVERY = 300  # seconds
# Open to somebody whose second factor is still to be set up: the way to it, and the ways out.
SETUP_PATHS = (
    "/accounts/second-factor/",
    "/accounts/login/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/switch/",
    "/accounts/invitation/",
    "/healthz",
    "/static/",
    "/hooks/",
)
Next = Callable[[HttpRequest], HttpResponse]


class ActingMembership:
    """Sets `request.user.acting` from the session's choice; the person's first membership is the default."""

    def __init__(self, get_response: Next) -> None:
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


class SessionTrace:
    """Keeps the sessions list's "last seen" true to five minutes, with one write in that time."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        if session.accessed and SEEN_KEY in session:
            _seen(request, session)
        return response


def _seen(request: HttpRequest, session: Any) -> None:
    at = now()
    if at.timestamp() - session[SEEN_KEY] < SEEN_EVERY:
        return
    session[SEEN_KEY] = int(at.timestamp())
    rows = UserSession.objects.filter(session_key=session.session_key)
    rows.update(
        last_seen_at=at,
        ip=get_adapter(request).get_client_ip(request),
        user_agent=request.headers.get("User-Agent", "")[:200],
    )


class RequiredSecondFactor:
    """Where the organisation requires a second factor, a session without one only reaches the page that sets it up.

    API tokens carry no session and are not asked. A session of the organisation's own sign-in is vouched for there.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return _setup(request) if _is_due(request) else self.get_response(request)


def _is_due(request: HttpRequest) -> bool:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith(SETUP_PATHS):
        return False
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        return False
    user: Any = request.user
    acting = user.acting if user.is_authenticated else None
    if acting is None or not queries.asks_second_factor(acting.organisation, now()):
        return False
    vouched = queries.is_door_of(request.session.get(SIGN_ON_KEY, ""), acting.organisation)
    return not vouched and not queries.has_second_factor(user)


def _setup(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        reason = "Your organisation requires a second factor. Sign in to the pages and set it up."
        return JsonResponse({"code": "second_factor_required", "reason": reason}, status=403)
    url = reverse("mfa_index")
    if getattr(request, "htmx", None):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)
