"""GET /api/v1/knowledge/search: which known error may this be?"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from ticketing.known_errors.forms import SearchForm
from ticketing.known_errors.queries import Signature, Suggestion, suggest

AUDIENCE = {"customer": "public", "service_provider": "internal", "exchange": "internal"}


class SuggestionOut(serializers.Serializer[Any]):
    """A record that may answer."""

    reference = serializers.CharField()
    title = serializers.CharField()
    advice = serializers.CharField(help_text="what to do, in the reader's words")
    score = serializers.FloatField(help_text="the chance that it is the answer, 0 to 1")
    likely = serializers.BooleanField(help_text="false: only perhaps")
    why = serializers.ListField(child=serializers.CharField(), help_text="reasons in words")
    href = serializers.CharField()


class FoundOut(serializers.Serializer[Any]):
    """The likeliest first; none is an answer."""

    results = SuggestionOut(many=True)


def shown(one: Suggestion, audience: str) -> dict[str, Any]:
    """A suggestion as its reader may see it: customers get plain words and no codes."""
    public = audience == "public"
    article = one.article
    page = f"/help/articles/{article.reference}/" if public else article.get_absolute_url()
    return {
        "reference": article.reference,
        "title": article.customer_title if public else article.title,
        "advice": article.customer_text if public else article.workaround,
        "score": one.score,
        "likely": one.likely,
        "why": [] if public else one.why,
        "href": page,
    }


class KnowledgeSearchView(APIView):
    """Known errors by words, test code, lights or closure code."""

    @extend_schema(
        summary="Known errors that may explain a fault",
        parameters=[
            OpenApiParameter("q", str, description="What goes wrong, in people's own words"),
            OpenApiParameter("code", str, description="Result code of a test"),
            OpenApiParameter("colour", str, enum=["green", "amber", "red"], description="Colour of that test"),
            OpenApiParameter("leds", str, description="Lights, with commas: PON off, LOS red"),
            OpenApiParameter("closure", str, description="Closure code of a ticket"),
            OpenApiParameter("technology", str, description="Leave out records of another technology"),
            OpenApiParameter("limit", int, description="At most so many, 1 to 20 (5)"),
        ],
        responses={200: FoundOut, 400: OpenApiResponse(description="A parameter cannot be used")},
    )
    def get(self, request: Request) -> Response:
        """A customer finds what is public, staff all that is approved."""
        acting: Any = getattr(request.user, "acting", None)
        audience = AUDIENCE.get(acting.organisation.kind) if acting else None
        if audience is None:
            raise PermissionDenied("Known errors are for service providers and their customers.")
        form = SearchForm(request.query_params)
        if not form.is_valid():
            raise ValidationError(form.errors.get_json_data())
        asked = form.cleaned_data
        signature = Signature(asked["code"], asked["colour"], asked["leds"], asked["closure"])
        found = suggest(
            organisation=acting.organisation,
            text=asked["q"],
            signature=None if signature.empty else signature,
            technology=asked["technology"],
            audience=audience,
            limit=asked["limit"] or 5,
        )
        return Response({"results": [shown(one, audience) for one in found]})


def register(router: SimpleRouter) -> None:
    """Nothing for the router: a search is computed, not kept. See `urlpatterns`."""


urlpatterns = [path("knowledge/search/", KnowledgeSearchView.as_view(), name="api-knowledge-search")]
