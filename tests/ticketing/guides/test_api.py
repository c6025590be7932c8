"""Guides by the API, as a provider's own portal takes them."""

from types import SimpleNamespace

from ofx.orders.models import ServiceRecord
from tests.ticketing.guides.conftest import ran
from ticketing.guides.models import GuideRun

RUNS = "/api/v1/guide-runs/"


def test_a_guide_is_begun_answered_gone_back_in_and_ended(shop: SimpleNamespace, line: ServiceRecord) -> None:
    cara = shop.api("cara")
    asked = {"fault_class": "intermittent", "service": line.reference, "words": "every evening", "channel": "widget"}
    begun = cara.post(RUNS, asked, format="json")
    assert (begun.status_code, begun.data["screen"]["kind"]) == (201, "busy")
    run = GuideRun.objects.get()
    assert (run.channel, run.words, run.customer) == ("widget", "every evening", shop.harbour)
    ran(run, "green")
    home = begun.data["href"]
    shown = cara.get(home).data["screen"]
    assert [one["value"] for one in shown["choices"]] == ["all", "wifi"]
    wrong = cara.post(f"{home}answer/", {"position": shown["position"], "value": "both"}, format="json")
    assert (wrong.status_code, list(wrong.data["fields"])) == (400, ["value"])
    on = cara.post(f"{home}answer/", {"position": shown["position"], "value": "all"}, format="json").data["screen"]
    assert on["choices"][0]["picture"] == "ont-lan-on"
    assert on["choices"][0]["alt"]
    back = cara.post(f"{home}back/").data["screen"]
    assert back["before"] == "all"
    done = cara.post(f"{home}fixed/").data
    assert (done["state"], done["outcome"], done["screen"]) == ("fixed", "provisional", None)
    late = cara.post(f"{home}answer/", {"position": back["position"], "value": "all"}, format="json")
    assert late.status_code == 409


def test_a_report_by_the_api_names_what_is_wrong_and_becomes_a_ticket(
    shop: SimpleNamespace, line: ServiceRecord
) -> None:
    cara = shop.api("cara")
    home = cara.post(RUNS, {"fault_class": "wifi", "service": line.reference}, format="json").data["href"]
    last = cara.post(f"{home}report/").data["screen"]
    assert {one["name"] for one in last["fields"]} >= {"name", "phone", "more"}
    body = {"position": last["position"], "fields": {"name": "Cara", "phone": "soon"}}
    assert "phone" in cara.post(f"{home}answer/", body, format="json").data["fields"]
    body["fields"] = {"name": "Cara", "phone": "020 7946 0000"}
    assert cara.post(f"{home}answer/", body, format="json").data["ticket"].startswith("TT-")


def test_what_is_asked_for_wrongly_names_the_field(shop: SimpleNamespace, line: ServiceRecord) -> None:
    cara = shop.api("cara")
    assert "fault_class" in cara.post(RUNS, {}, format="json").data["fields"]
    assert "service" in cara.post(RUNS, {"fault_class": "wifi", "service": "SRV-999"}, format="json").data["fields"]
    assert "guide" in cara.post(RUNS, {"guide": "no-such"}, format="json").data["fields"]
    assert not GuideRun.objects.exists()


def test_somebody_elses_run_is_not_there(shop: SimpleNamespace, line: ServiceRecord) -> None:
    home = shop.api("cara").post(RUNS, {"fault_class": "wifi"}, format="json").data["href"]
    assert shop.api("charlie").get(home).status_code == 404
    assert shop.api("alice").get(home).status_code == 200
    listed = {one["slug"] for one in shop.api("cara").get("/api/v1/guides/?fault_class=wifi").data["results"]}
    assert listed == {"wifi-at-home"}
