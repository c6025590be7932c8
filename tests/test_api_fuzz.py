"""Bad input at every JSON endpoint: a clear answer, nothing lost, never a 500. Cases come from our own OpenAPI."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from schemathesis.checks import not_a_server_error

from ofx.wsgi import application
from tests.conftest import place

BOUNDED = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def token(world: SimpleNamespace) -> str:
    """Alice's bearer header, with one place known."""
    place()
    caller = world.api("alice")
    return str(caller._credentials["HTTP_AUTHORIZATION"])


@pytest.fixture
def described(token: str) -> Any:
    """The API as our schema describes it, called through the WSGI application."""
    return schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)


@pytest.mark.django_db(transaction=True)  # the WSGI application opens and closes connections of its own
def test_no_generated_request_makes_the_api_fail(described: Any, token: str) -> None:
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) >= 10

    for operation in operations:

        @BOUNDED
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            response = case.call(headers={"Authorization": token})
            case.validate_response(response, checks=[not_a_server_error])

        call()


def api_routes(patterns: list[Any] | None = None, prefix: str = "") -> list[str]:
    """Every API path without a parameter."""
    found = []
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern).replace("^", "").replace("$", "").replace("\\Z", "").replace("/?", "/")
        if isinstance(entry, URLResolver):
            found += api_routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern) and route.startswith("api/v1/") and not set("<(") & set(route):
            found.append("/" + route)
    return sorted(set(found) - {"/api/v1/docs/", "/api/v1/schema/"})  # about the API, not of it


BROKEN_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe\x00",
    b'{"a": NaN}',
    json.dumps({"customer": {"$ne": 1}, "items": "x", "offering": [], "place": {}}).encode(),
    b"[" * 2000,
    b'{"a":' * 500 + b"1" + b"}" * 500,
    json.dumps({"access_notes": "\x00<script>", "requested_date": "31/02/2026"}).encode(),
]


@pytest.mark.parametrize("body", BROKEN_BODIES, ids=range(len(BROKEN_BODIES)))
def test_a_broken_body_is_refused_with_words_at_every_endpoint(world: SimpleNamespace, body: bytes) -> None:
    caller = world.api("alice")
    for route in api_routes():
        for method in ("post", "put", "patch"):
            response = getattr(caller, method)(route, data=body, content_type="application/json")
            assert 400 <= response.status_code < 500, (route, method, response.status_code)
            if response.status_code != 404:
                assert response.json()["reason"], (route, method)


@given(text=st.text(max_size=60))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_text_makes_a_search_fail(world: SimpleNamespace, text: str) -> None:
    caller: APIClient = world.api("alice")
    for name in ("postcode", "address", "uprn", "country"):
        response = caller.get(
            "/api/v1/qualifications", {name: text, "country" if name != "country" else "postcode": "GB"}
        )
        assert response.status_code < 500, (name, text)
    page = world.client("alice")
    for path in ("/search/", "/search/suggest/", "/find/", "/find/suggest/"):
        assert page.get(path, {"q": text}).status_code < 500, (path, text)
