"""Guides as files, and what the last form asks, in words for customers."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ofx.core.clock import now
from ofx.orders.models import ServiceRecord
from tests.ticketing.guides.conftest import node
from ticketing.guides import actions
from ticketing.guides.answers import AnswerInvalid
from ticketing.guides.models import Guide, GuideVersion
from ticketing.guides.screens import screen_of
from ticketing.tickets.models import FaultRules


def test_what_was_written_is_loaded_again_for_one_provider_and_twice_is_once(
    shop: SimpleNamespace, tmp_path: Path, capsys: Any
) -> None:
    call_command("load_guides")
    call_command("export_guides", str(tmp_path))
    files = sorted(tmp_path.glob("*.json"))
    assert len(files) == Guide.objects.filter(organisation=None).count() > 3
    call_command("load_guides", *map(str, files))
    assert "0 of" in capsys.readouterr().out
    given = json.loads(files[0].read_text())
    given["title"] = "Our own words"
    files[0].write_text(json.dumps([given]))
    for changed in ("1 of", "0 of"):
        call_command("load_guides", str(files[0]), provider="brightwave")
        assert changed in capsys.readouterr().out
    own = Guide.objects.get(organisation=shop.brightwave)
    assert (own.title, own.versions.get().state) == ("Our own words", "published")


def test_a_file_that_is_wrong_names_guide_and_fix_and_nothing_is_loaded(shop: SimpleNamespace, tmp_path: Path) -> None:
    call_command("load_guides")
    call_command("export_guides", str(tmp_path), "wifi-at-home")
    good = json.loads((tmp_path / "wifi-at-home.json").read_text())
    loop = {**good, "slug": "broken", "graph": {"start": "a", "nodes": {"a": {"type": "start", "next": "nowhere"}}}}
    fresh = {**good, "slug": "fresh"}
    for text, why in (
        ("{", "not JSON"),
        ("7", "an object"),
        (json.dumps({**good, "slug": "A B", "minutes": "5", "fault_class": "x"}), "fault_class: one of"),
        (json.dumps([fresh, loop]), "broken: "),
    ):
        file = tmp_path / "bad.json"
        file.write_text(text)
        with pytest.raises(CommandError, match=why):
            call_command("load_guides", str(file))
    assert not Guide.objects.filter(slug__in=["fresh", "broken"]).exists()
    assert GuideVersion.objects.filter(guide__slug="wifi-at-home").count() == 1
    with pytest.raises(CommandError, match="no service provider"):
        call_command("load_guides", str(tmp_path / "wifi-at-home.json"), provider="nobody")


def test_the_last_form_asks_in_plain_words_and_leaves_to_the_desk_what_nobody_at_home_knows(
    shop: SimpleNamespace, line: ServiceRecord, take: Any
) -> None:
    asked = ["CPE_TYPE", "TRC_CHARGEBAND", "THEIR_OWN_CODE"]
    FaultRules.objects.create(operator=shop.north, required=asked)
    run = actions.give_up(run=take("wifi-at-home"), actor=shop.cara, at=now())
    assert node(run)
    screen = screen_of(run)
    assert screen is not None
    assert [one.label for one in screen.fields][:2] == ["Which router do you have?", "Who can be asked about it?"]
    assert not any("_" in one.label for one in screen.fields)
    given = {"actor": shop.cara, "at": now(), "position": screen.position}
    with pytest.raises(AnswerInvalid):
        actions.answer(run=run, given={}, **given)
    run = actions.answer(run=run, given={"CPE_TYPE": "A grey one"}, **given)
    assert run.state == "escalated"
    assert run.ticket.answers["CPE_TYPE"] == "A grey one"
    staff = actions.start(
        guide=Guide.objects.get(slug="wifi-at-home"), actor=shop.alice, at=now(), organisation=shop.brightwave,
        service=line, channel="phone",
    )  # fmt: skip
    labels = [one.label for one in screen_of(actions.give_up(run=staff, actor=shop.alice, at=now())).fields]
    assert "Which band of time-related charges is agreed?" in labels
