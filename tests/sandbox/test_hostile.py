"""Whatever is posted: a clear answer, nothing lost, never a 500; and what is served is the standard's shape."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.process import Running
from tests.sandbox.conftest import order_body, place, until, wait_for

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
NAMES = st.sampled_from(
    [
        "externalId",
        "description",
        "note",
        "productOrderItem",
        "relatedParty",
        "requestedCompletionDate",
        "charge",
        "callback",
        "query",
        "productOrder",
        "cancellationReason",
        "state",
    ]
)
BODIES = st.dictionaries(NAMES, ANYTHING, max_size=5)
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(body=BODIES)
def test_no_body_makes_the_partner_fail(running: Running, body: dict[str, Any]) -> None:
    whole = {**order_body("fuzz", "silence"), **body}
    for sent in (body, whole):
        for path in ("/productOrder", "/cancelProductOrder"):
            answer = running.api("eastwave", "POST", path, json=sent)
            assert answer.status_code in (201, 400, 409), answer.text


@QUIET
@given(body=BODIES)
def test_no_patch_makes_the_partner_fail_or_its_order_stand_still(running: Running, body: dict[str, Any]) -> None:
    found = running.orders("northfibre", external_id="patched-at-random")
    order_id = found[0]["id"] if found else place(running, "northfibre", "patched-at-random", "silence")["id"]
    kept = {name: value for name, value in body.items() if name != "externalId"}
    answer = running.api("northfibre", "PATCH", f"/productOrder/{order_id}", json=kept)
    assert answer.status_code in (200, 400, 409), answer.text
    assert running.api("northfibre", "GET", f"/productOrder/{order_id}").status_code == 200


@QUIET
@given(name=st.text(max_size=12), value=st.text(max_size=12))
def test_no_query_makes_the_partner_fail(running: Running, name: str, value: str) -> None:
    for query in ({name: value}, {"lastUpdate.gt": value}, {"offset": value}, {"fields": value}):
        answer = running.api("southlink" if name == "slow" else "eastwave", "GET", "/productOrder", params=query)
        assert answer.status_code in (200, 400), answer.text


@pytest.mark.parametrize("date", ["20990105T000000Z", "2099-W02-1T00:00:00Z", "2999-12-31T23:59:59+01:00"])
def test_an_odd_spelling_of_a_date_does_not_stop_the_order(running: Running, date: str) -> None:
    order = place(running, "northfibre", f"odd-{date}", "delay", requestedCompletionDate=date)
    shown = until(running, "northfibre", order["id"], "completed")
    assert shown["committedDate"] >= "2098-12-31"


def test_a_date_beyond_reason_gets_400(running: Running) -> None:
    body = order_body("far", requestedCompletionDate="9999-12-31T00:00:00Z")
    answer = running.api("northfibre", "POST", "/productOrder", json=body)
    assert answer.status_code == 400
    assert "requestedCompletionDate" in answer.json()["message"]


def test_html_and_nulls_in_a_note_come_back_as_they_were_and_not_on_the_page(running: Running) -> None:
    text = "<script>alert(1)</script>\u0000 ünïcødé"
    order = place(running, "eastwave", "<b>key</b>", "silence", note=[{"text": text}])
    assert order["note"][0]["text"] == text
    assert "<script>" not in running.http.get(running.url + "/").text


def _definitions() -> dict[str, Any]:
    folder = os.environ.get("OFX_TMF")
    if not folder:
        pytest.skip("OFX_TMF names no folder with the official API files")
    path = Path(folder) / "TMF622-ProductOrder-v4.0.0.swagger.json"
    return json.loads(path.read_text())["definitions"]


@pytest.mark.parametrize("partner", ["northfibre", "southlink", "eastwave"])
@pytest.mark.parametrize("scenario", ["delay", "excess_charge", "rejected"])
def test_what_is_served_fits_the_official_schema(running: Running, partner: str, scenario: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = {"$ref": "#/definitions/ProductOrder", "definitions": _definitions()}
    key = f"schema-{scenario}"
    order = place(running, partner, key, scenario)
    wait_for(lambda: running.orders(partner, external_id=key)[0]["state"] not in ("acknowledged", "inProgress"))
    shown = running.api(partner, "GET", f"/productOrder/{order['id']}").json()
    jsonschema.Draft4Validator(schema).validate(shown)
