"""The search finds the right record in people's own words, says why, and knows when it knows nothing."""

from typing import Any

import pytest
from django.db import connection

from tests.ticketing.known_errors.conftest import known_error, searchable
from ticketing.known_errors import embedding, vectors
from ticketing.known_errors.queries import Signature, suggest

pytestmark = pytest.mark.django_db
needs_model = pytest.mark.skipif(not embedding.available(), reason="the sentence model is not installed")


def shelf(world: Any) -> dict[str, Any]:
    """Five records that differ."""
    rows = {
        "los": known_error(None, "Red light on the fibre box: no light from the exchange", publish_to="public",
                           symptom_customer="A red LOS light is on and nothing works", test_codes=["ONT_NO_LIGHT*"],
                           leds="LOS red", error_strings=["ERR-4711"], customer_text="We need to send an engineer."),
        "drops": known_error(world.brightwave, "Line drops every few minutes after a firmware update",
                             symptom_customer="The connection keeps dropping and comes back", cpe_model="HomeHub-7"),
        "wifi": known_error(world.brightwave, "Weak Wi-Fi upstairs", symptom_customer="Wireless slow in bed"),
        "voice": known_error(world.brightwave, "No dial tone on the phone socket of the router",
                             symptom_customer="I cannot make telephone calls"),
        "bill": known_error(world.brightwave, "Charged twice for the same month", symptom_customer="Two bills came"),
    }  # fmt: skip
    searchable()
    return rows


def test_words_find_the_record_and_say_so(world: Any, settings: Any) -> None:
    settings.EMBEDDINGS = False
    rows = shelf(world)
    first = suggest(organisation=world.brightwave, text="my connection keeps dropping")[0]
    assert first.article == rows["drops"]
    assert any("dropping" in why for why in first.why)


def test_a_misspelt_word_still_finds_it(world: Any, settings: Any) -> None:
    settings.EMBEDDINGS = False
    rows = shelf(world)
    assert suggest(organisation=world.brightwave, text="firmwear update conection")[0].article == rows["drops"]


@needs_model
def test_other_words_for_the_same_thing_find_it(world: Any) -> None:
    rows = shelf(world)
    found = suggest(organisation=world.brightwave, text="landline is dead, I can't ring anyone")
    assert found[0].article == rows["voice"]
    assert "means something alike" in found[0].why or "means much the same" in found[0].why


def test_a_test_code_selects_the_record_without_a_word(world: Any) -> None:
    rows = shelf(world)
    (found,) = suggest(organisation=world.brightwave, signature=Signature(code="ONT_NO_LIGHT_2"))
    assert found.article == rows["los"]
    assert found.why == ["same test code, ONT_NO_LIGHT_2"]
    assert found.likely


def test_an_exact_error_text_is_nearly_sure(world: Any) -> None:
    rows = shelf(world)
    first = suggest(organisation=world.brightwave, text="the box shows err-4711 since noon")[0]
    assert first.article == rows["los"]
    assert "the exact error: “ERR-4711”" in first.why
    assert first.score > 0.85


@pytest.mark.parametrize("meaning", [False, pytest.param(True, marks=needs_model)])
def test_nothing_matches_is_an_answer(world: Any, settings: Any, meaning: bool) -> None:
    settings.EMBEDDINGS = meaning
    shelf(world)
    found = suggest(organisation=world.brightwave, text="how do I bake sourdough bread in winter")
    assert [one for one in found if one.likely] == []


def test_customers_find_only_what_is_public_and_nobody_finds_a_neighbours(world: Any) -> None:
    rows = shelf(world)
    asked = {"text": "red light and the connection keeps dropping", "signature": Signature(code="ONT_NO_LIGHT")}
    assert {one.article for one in suggest(organisation=world.harbour, audience="public", **asked)} <= {rows["los"]}
    assert {one.article for one in suggest(organisation=world.cobalt, **asked)} == {rows["los"]}


def test_a_record_of_another_operator_or_technology_is_left_out(world: Any) -> None:
    other = known_error(world.brightwave, "Westnet gateway resets at night", technology="FTTC")
    searchable()
    asked = {"organisation": world.brightwave, "text": "gateway resets at night"}
    assert [one.article for one in suggest(**asked, technology="fttc")] == [other]
    assert suggest(**asked, technology="FTTP") == []


def test_drafts_are_not_suggested(world: Any) -> None:
    known_error(world.brightwave, "Router loops on boot", publish_to=None)
    searchable()
    assert suggest(organisation=world.brightwave, text="router loops on boot") == []


@pytest.mark.parametrize("text", ["", "   ", "\x00", "'; DROP TABLE --", "a" * 5000, "\\' | & ! ( ) :*", "%s %% {0}"])
def test_hostile_text_is_only_text(world: Any, text: str) -> None:
    shelf(world)
    assert isinstance(suggest(organisation=world.brightwave, text=text), list)


@needs_model
def test_without_pgvector_sentences_still_weigh_what_the_words_found(world: Any, monkeypatch: Any) -> None:
    rows = shelf(world)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX known_error_nearest")
        cursor.execute("ALTER TABLE ticketing_knownerrorindex ALTER vector TYPE real[] USING vector::real[]")
    monkeypatch.setitem(vectors._KNOWN, str(connection.settings_dict["NAME"]), False)
    first = suggest(organisation=world.brightwave, text="the phone has no dial tone")[0]
    assert first.article == rows["voice"]
    assert any("means" in why for why in first.why)
