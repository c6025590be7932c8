"""What the simulated TMF622 partners show, as news."""

import contextlib
import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from partners.connectors.base import Unreadable
from partners.connectors.tmf622.parse import records
from partners.mapping.base import Mapped, ParsedRecord, Unmappable
from partners.mapping.canonical import News, OutboundItem, OutboundOrder
from partners.mapping.dialects import MAPPINGS
from sandbox.scenarios import STEPS
from tests.partners.mapping.played import play

PARTNERS = ("northfibre", "southlink", "eastwave")


def read(partner: str, shown: dict[str, Any]) -> Mapped:
    record = ParsedRecord("order", shown, our_key="OFX-1", external_id=shown["id"])
    return MAPPINGS[partner].inbound(record)


def kinds(mapped: Mapped) -> list[str]:
    return [news.update_type for news in mapped.news if news.update_type != "UPDATE"]


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_clean_order_tells_its_three_kcis_in_order(partner: str) -> None:
    mapped = read(partner, play(partner, "clean")[-1])
    assert kinds(mapped) == ["ACKNOWLEDGED", "COMMITTED", "MILESTONE", "MILESTONE", "COMPLETED"]
    committed = next(news for news in mapped.news if news.update_type == "COMMITTED")
    assert committed.committed_date == committed.target_date == date(2026, 3, 19)
    assert mapped.news[-1].outcome == "completed"
    assert mapped.unmapped == []
    assert all(news.our_key == "OFX-1" and news.sequence for news in mapped.news)


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize("scenario", sorted(STEPS))
def test_the_last_snapshot_alone_tells_all_that_the_earlier_ones_told(partner: str, scenario: str) -> None:
    shown = play(partner, scenario)
    told = {news.dedupe_key for snapshot in shown for news in read(partner, snapshot).news}
    last = {news.dedupe_key for news in read(partner, shown[-1]).news}
    superseded = {key for key in told - last if key.startswith(("tmf:appointment", "tmf:target"))}
    assert told - last == superseded  # only forecasts that were replaced


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize("scenario", ["delay", "appointment_missed"])
def test_a_partners_delay_is_a_delay_with_reason_and_ends(partner: str, scenario: str) -> None:
    mapped = read(partner, play(partner, scenario)[-1])
    [delay] = [news for news in mapped.news if news.update_type == "DELAY"]
    [resumed] = [news for news in mapped.news if news.update_type == "RESUMED"]
    assert delay.reason not in ("", "OTHER")
    assert delay.raw_reason == resumed.raw_reason
    assert (delay.target_date or date.min) > date(2026, 3, 17)
    assert 0 < (delay.sequence or 0) < (resumed.sequence or 0)


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_wait_for_the_customer_is_ours_whatever_the_partners_word(partner: str) -> None:
    mapped = read(partner, play(partner, "held_customer")[-1])
    assert "DELAY" not in kinds(mapped)
    [asked] = [news for news in mapped.news if news.update_type == "INFORMATION_REQUIRED"]
    assert asked.reason in ("CUSTOMER_NOT_READY", "NO_ACCESS", "CUSTOMER_UNCONTACTABLE")
    assert "RESUMED" in kinds(mapped)


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_charge_says_how_much_and_a_time_out_ends_the_order(partner: str) -> None:
    mapped = read(partner, play(partner, "excess_charge")[-1])
    [charge] = [news for news in mapped.news if news.update_type == "CHARGE_RAISED"]
    assert float(charge.charge["amount"]) >= 250
    assert charge.charge["currency"] == "GBP"
    [end] = [news for news in mapped.news if news.update_type == "TERMINATED"]
    assert (end.outcome, end.reason) == ("cancelled", "ECC_APPROVAL")
    assert "RESUMED" not in kinds(mapped)
    accepted = read(partner, play(partner, "excess_charge", answer_charge=True)[-1])
    assert kinds(accepted)[-1] == "COMPLETED"
    assert "RESUMED" in kinds(accepted)


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_rejection_keeps_its_reason(partner: str) -> None:
    mapped = read(partner, play(partner, "rejected")[-1])
    assert kinds(mapped) == ["TERMINATED"]
    assert mapped.news[-1].outcome == "rejected"
    assert mapped.news[-1].raw_reason
    assert mapped.news[-1].reason in ("ORDER_DATA_ERROR", "OTHER")


@pytest.mark.parametrize(
    ("partner", "word"), [("northfibre", "QUANTUM_FLUX"), ("southlink", "9Z"), ("eastwave", "ZZ99")]
)
def test_an_unknown_reason_is_other_keeps_its_word_and_is_reported(partner: str, word: str) -> None:
    mapped = read(partner, play(partner, "unknown_code")[-1])
    [delay] = [news for news in mapped.news if news.update_type == "DELAY"]
    assert (delay.reason, delay.raw_reason) == ("OTHER", word)
    assert f"reason {word}" in mapped.unmapped
    assert mapped.news[-1].unmapped == tuple(mapped.unmapped)


def test_an_unknown_state_and_milestone_are_drift_and_never_silent() -> None:
    shown = play("northfibre", "clean")[2]
    shown["stateChange"].append({"state": "inOrbit", "changeDate": shown["lastUpdate"], "sequence": 9})
    shown["milestone"].append({"code": "KCI9", "date": shown["lastUpdate"], "message": "?", "sequence": 9})
    mapped = read("northfibre", shown)
    assert {"state inOrbit", "milestone KCI9"} <= set(mapped.unmapped)
    assert any(news.extra.get("raw_milestone") == "KCI9" for news in mapped.news)


@pytest.mark.parametrize("partner", PARTNERS)
def test_the_news_survives_json_unchanged(partner: str) -> None:
    for news in read(partner, play(partner, "delay")[-1]).news:
        assert News.from_json(news.as_json()) == news


def test_a_snapshot_without_history_still_tells_its_state() -> None:
    bare = {"id": "9", "externalId": "K", "state": "completed", "lastUpdate": "2026-03-02T09:00:00Z"}
    [news] = MAPPINGS["tmf622"].inbound(ParsedRecord("order", bare, "K", "9")).news
    assert (news.update_type, news.outcome) == ("COMPLETED", "completed")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@limits(max_examples=150, deadline=None)
@given(data=st.data(), partner=st.sampled_from(PARTNERS))
def test_any_attribute_replaced_by_junk_is_news_or_a_clear_refusal(data: Any, partner: str) -> None:
    shown = copy.deepcopy(play(partner, "excess_charge")[3])
    name = data.draw(st.sampled_from(sorted(shown)))
    where: Any = shown
    if isinstance(shown[name], list) and shown[name] and data.draw(st.booleans()):
        where = shown[name][0]
        if isinstance(where, dict):
            name = data.draw(st.sampled_from(sorted(where)))
    if isinstance(where, dict):
        where[name] = data.draw(JUNK)
    try:
        mapped = MAPPINGS[partner].inbound(ParsedRecord("order", shown, "OFX-1", "1"))
    except Unmappable:
        return
    assert all(len(news.dedupe_key) <= 160 for news in mapped.news)
    assert all("\x00" not in str(news.as_json()) for news in mapped.news)


@limits(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=200) | JUNK.map(lambda value: repr(value).encode("utf-8", "replace")))
def test_any_bytes_are_records_or_a_clear_refusal(raw: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert isinstance(records(raw), list)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not JSON"),
        (b"<html></html>", "not JSON"),
        (b"[" * 100_000, "too deeply"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "nested deeper"),
        (b'{"event": 3}', "event must be an object"),
        (b'{"event": {"productOrder": {"id": {}, "state": "x"}}}', "productOrder.id must be a text"),
        (b'{"id": 1}', "no state"),
        (b'{"state": NaN, "id": 1}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_what_is_no_order_is_refused_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        records(raw)


def outbound(**fields: Any) -> OutboundOrder:
    item = OutboundItem(position=1, action="add", offering_code="f1", offering_name="FTTP", kind="broadband")
    defaults = {"our_key": "OFX-1", "reference": "R", "items": (item,), "country": "GB", "postcode": "SW1A1AA"}
    return OutboundOrder(**{**defaults, "address": "1 Example Street", **fields})


def test_our_key_is_stamped_on_every_create_and_the_scenario_only_on_simulated_orders() -> None:
    mapping = MAPPINGS["northfibre"]
    made = mapping.outbound("create", outbound(scenario="delay", simulated=True, requested_date=date(2026, 5, 1)))
    assert made["externalId"] == "OFX-1"
    assert made["requestedCompletionDate"] == "2026-05-01T17:00:00Z"
    names = {row["name"]: row["value"] for row in made["productOrderItem"][0]["product"]["productCharacteristic"]}
    assert names["scenario"] == "delay"
    real = mapping.outbound("create", outbound(scenario="delay"))
    assert "scenario" not in str(real["productOrderItem"])


def test_a_text_that_is_too_long_for_the_partner_is_refused_before_it_is_sent() -> None:
    item = OutboundItem(
        position=1,
        action="add",
        offering_code="f1",
        offering_name="FTTP",
        kind="broadband",
        characteristics={"hazardNote": "x" * 51},
    )
    with pytest.raises(Unmappable, match="hazardNote"):
        MAPPINGS["northfibre"].outbound("create", outbound(items=(item,)))
    assert MAPPINGS["eastwave"].outbound("create", outbound(items=(item,)))


def test_answers_and_amends_are_the_partners_attributes() -> None:
    mapping = MAPPINGS["eastwave"]
    answer = mapping.outbound("answer", outbound(changes={"charge_id": "2", "response": "accepted"}))
    assert answer == {"charge": [{"id": "2", "response": "accepted"}]}
    amend = mapping.outbound("amend", outbound(changes={"requested_date": "2026-06-01"}, reason="Customer on holiday"))
    assert amend["requestedCompletionDate"] == "2026-06-01T17:00:00Z"
    assert amend["note"] == [{"text": "Customer on holiday"}]
    with pytest.raises(Unmappable):
        mapping.outbound("answer", outbound(changes={"response": "perhaps"}))
    with pytest.raises(Unmappable):
        mapping.outbound("teleport", outbound())
