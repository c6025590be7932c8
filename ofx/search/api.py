"""GET /api/v1/qualifications: a place → offers, as JSON."""

from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from ofx.core.accounts.authentication import TokenAuthentication
from ofx.core.api import OrjsonRenderer
from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.search import schema
from ofx.search.filters import narrow
from ofx.search.forms import read_parameters
from ofx.search.live.actions import ask_around
from ofx.search.live.waiting import DEFAULT_WAIT, wait
from ofx.search.places import AmbiguousAddress, UnknownPlace, code_of
from ofx.search.queries import Qualification, qualify, spot_by_id
from partners.coverage.normalise import BadPlace

RENDERER = OrjsonRenderer()
SLOWER = ("address", "uprn", "technology", "kind", "limit", "live")
STAFF_KINDS = {"exchange", "service_provider", "operator"}


def searching_organisation(user: Any) -> Any:
    """The organisation that a user searches for. Raises PermissionDenied for customers and people without one."""
    acting = getattr(user, "acting", None)
    if acting is None or acting.organisation.kind not in STAFF_KINDS:
        raise PermissionDenied("Searching for offers is for service providers. Your role may not do this.")
    return acting.organisation


class QualificationView(APIView):
    """Which operators serve a place, with what, at which price, how soon."""

    renderer_classes = [OrjsonRenderer]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A token's plain question is answered at once; whatever is out of the ordinary goes by the framework."""
        if request.method == "GET" and request.headers.get("Authorization"):
            quick = _quick(request)
            if quick is not None:
                return quick
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authentication and permission only: there is one way to answer, so nothing is to be negotiated."""
        request.accepted_renderer, request.accepted_media_type = RENDERER, RENDERER.media_type
        self.perform_authentication(request)
        self.check_permissions(request)

    @extend_schema(
        operation_id="qualifications_list",
        summary="Who serves a place",
        description=schema.DESCRIPTION,
        tags=["qualifications"],
        parameters=[OpenApiParameter(**one) for one in schema.PARAMETERS],
        responses={
            200: OpenApiResponse(schema.QUALIFICATION, description="Offers, best first, and who is missing."),
            400: OpenApiResponse(schema.PROBLEM, description="Malformed, missing or ambiguous."),
            401: OpenApiResponse(schema.PROBLEM, description="No valid token or session."),
            403: OpenApiResponse(schema.PROBLEM, description="Your organisation does not search for offers."),
            404: OpenApiResponse(schema.PROBLEM, description="Well formed, but a place that we do not hold."),
        },
        examples=[OpenApiExample(**one) for one in schema.EXAMPLES],
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer one search; a place that is not there or makes no sense is a 4xx that says what is wrong."""
        organisation = searching_organisation(request.user)
        asked, errors = read_parameters(request.query_params)
        if errors:
            return _refused(400, "invalid", "Some parameters need a fix.", fields=errors)
        place = {name: asked[name] for name in ("country", "postcode", "address", "uprn")}
        try:
            answer = qualify(organisation=organisation, at=now(), **place)
            if asked["live"]:
                answer = live_answer(organisation, answer, asked["seconds"] if asked["live"] == "wait" else 0)
        except BadPlace as error:
            return _refused(400, "invalid", str(error), fields={_culprit(asked, organisation.country): [str(error)]})
        except AmbiguousAddress as error:
            fields = {"address": [str(error)]}
            return _refused(400, "ambiguous", str(error), fields=fields, candidates=error.candidates)
        except UnknownPlace as error:
            return _refused(404, "unknown_place", str(error), field=error.field, suggestions=error.suggestions)
        chosen = {name: asked[name] for name in ("technology", "kind") if asked[name]}
        answer.offers = narrow(answer.offers, chosen)[: asked["limit"]]
        return _document(answer)


def live_answer(organisation: Organisation, answer: Qualification, seconds: float | None) -> Qualification:
    """The answer again after asking live, and after waiting at most so long; at once where too many wait already."""
    spot = spot_by_id(answer.place["id"], (answer.place["address"] or {}).get("id"))
    ask_around(organisation=organisation, spot=spot, at=now(), reason="api")
    wait(organisation, spot, now, DEFAULT_WAIT if seconds is None else seconds)
    return qualify(organisation=organisation, at=now(), spot=spot)


def _quick(request: HttpRequest) -> HttpResponse | None:
    """The answer to a bearer token that names a postcode; None where there is anything to refuse.

    This is the busiest address of the product, and the framework's share was a tenth of its cost. A refusal is worked
    out again by `get`, which words it.
    """
    try:
        identity = TokenAuthentication().authenticate(request)
        asked, errors = read_parameters(request.GET)
        if identity is None or errors or not asked["postcode"] or any(asked[name] for name in SLOWER):
            return None
        organisation = searching_organisation(identity[0])
        return _document(
            qualify(organisation=organisation, at=now(), country=asked["country"], postcode=asked["postcode"])
        )
    except (AuthenticationFailed, PermissionDenied, BadPlace, UnknownPlace):
        return None


def _document(answer: Qualification) -> HttpResponse:
    """Straight to bytes: the document is plain values."""
    return HttpResponse(orjson.dumps(answer.as_json(), option=orjson.OPT_UTC_Z), content_type="application/json")


def _culprit(asked: dict[str, Any], country: str) -> str:
    """Which parameter of a malformed place to name."""
    if asked["address"] and asked["postcode"]:
        try:
            code_of(asked["country"] or country, asked["postcode"])
        except BadPlace:
            return "postcode"
    return next((name for name in ("uprn", "address") if asked[name]), "postcode")


def _refused(status: int, code: str, reason: str, **more: Any) -> Response:
    return Response({"code": code, "reason": reason, **more}, status=status)


class SlashedQualificationView(QualificationView):
    """The same under the address that ends in a slash; described once."""

    schema = None


def register(router: SimpleRouter) -> None:
    """Nothing for the router: a qualification is computed, not kept. See `urlpatterns`."""


urlpatterns = [
    path("qualifications", QualificationView.as_view(), name="api-qualifications"),
    path("qualifications/", SlashedQualificationView.as_view()),
]
