"""Transitions, scoping, secrets, calendars, tokens and sweeps of the kernel."""

import json
from datetime import UTC, date, datetime
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from ofx.core import sweeps
from ofx.core.calendars.actions import publish_calendar
from ofx.core.calendars.queries import OutsideCalendar, add_working_days, newest_version, working_days_between
from ofx.core.models import ApiToken, Event, LogEntry, Organisation
from ofx.core.scoping import CAPABILITIES, CAPABILITY_WORDS, permit, refusal
from ofx.core.secrets import decrypt, encrypt, mask
from ofx.core.transitions import IllegalTransition, transition
from partners.models import Agreement, Endpoint
from tests.conftest import agreement, organisation

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_move_writes_the_row_the_audit_and_the_event(world: SimpleNamespace) -> None:
    row = agreement(world.brightwave, world.northfibre)
    transition(row, "suspended", at=AT, actor=world.alice, why="late payments")
    row.refresh_from_db()
    assert row.state == "suspended"
    assert LogEntry.objects.get(subject=f"agreement:{row.pk}").data["why"] == "late payments"
    assert Event.objects.get(name="agreement.suspended").subject == f"agreement:{row.pk}"


def test_a_move_that_the_table_does_not_name_is_refused_and_changes_nothing(world: SimpleNamespace) -> None:
    row = agreement(world.brightwave, world.northfibre, state="ended")
    with pytest.raises(IllegalTransition, match="is ended: it cannot become active"):
        transition(row, "active", at=AT, actor=None)
    assert not Event.objects.exists()


def test_of_two_who_read_the_same_state_only_the_first_moves_it(world: SimpleNamespace) -> None:
    first = agreement(world.brightwave, world.northfibre)
    second = Agreement.objects.get(pk=first.pk)
    transition(first, "suspended", at=AT, actor=None)
    with pytest.raises(IllegalTransition, match="changed by someone else"):
        transition(second, "ended", at=AT, actor=None)


def test_two_agreements_may_not_cover_the_same_day(world: SimpleNamespace) -> None:
    from django.db import IntegrityError, transaction

    agreement(world.brightwave, world.northfibre, ends=date(2026, 1, 1))
    agreement(world.brightwave, world.northfibre, starts=date(2026, 1, 1))
    with pytest.raises(IntegrityError, match="agreement_no_overlap"), transaction.atomic():
        agreement(world.brightwave, world.northfibre, starts=date(2025, 6, 1))


def test_read_only_people_and_strangers_may_not_write(world: SimpleNamespace) -> None:
    permit(world.alice, "order.write")
    permit(None, "order.write")
    for who in (world.bob, world.olga, world.cara, world.ada):
        with pytest.raises(PermissionDenied):
            permit(who, "order.write")


def test_a_refusal_says_in_words_what_is_not_allowed_and_who_may(world: SimpleNamespace) -> None:
    bobs = refusal(world.bob, "order.write")
    assert bobs == (
        "Your role, Read only, may not place, change or cancel orders. "
        f"At {world.brightwave} these may: Administrator, Order desk."
    )
    assert "another kind of organisation: Service provider" in refusal(world.cara, "order.write")
    assert "no organisation" in refusal(None, "order.write")


def test_every_capability_has_words_for_its_refusal() -> None:
    assert set(CAPABILITIES) - set(CAPABILITY_WORDS) == set()


def test_a_provider_sees_its_own_customers_and_no_one_elses(world: SimpleNamespace) -> None:
    theirs = organisation("customer", "Cobalt Client", provider=world.cobalt)
    seen = set(Organisation.objects.visible_to(world.alice))
    assert world.harbour in seen
    assert theirs not in seen
    assert world.cobalt not in seen
    assert set(Organisation.objects.visible_to(world.cara)) == {world.harbour}


def test_a_user_without_membership_or_deactivated_sees_nothing(world: SimpleNamespace) -> None:
    world.alice.is_active = False
    assert not Organisation.objects.visible_to(world.alice).exists()
    world.bob.memberships.all().delete()
    world.bob.acting = None
    assert not Organisation.objects.visible_to(world.bob).exists()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_secret_comes_back_as_it_was(text: str) -> None:
    assert decrypt(encrypt(text)) == text


def test_a_secret_is_ciphertext_in_the_database(world: SimpleNamespace) -> None:
    row = Endpoint.objects.create(
        operator=world.northfibre, kind="tmf622", name="n", inbound_key="k", token="plain-secret"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM partners_endpoint WHERE id = %s", [row.pk])
        assert "plain-secret" not in cursor.fetchone()[0]
    assert Endpoint.objects.get(pk=row.pk).token == "plain-secret"


def test_old_secrets_still_open_after_the_key_was_rotated(settings: SimpleNamespace) -> None:
    settings.FIELD_KEYS = ["old"]
    kept = encrypt("s3cret")
    settings.FIELD_KEYS = ["new", "old"]
    assert decrypt(kept) == "s3cret"
    settings.FIELD_KEYS = ["new"]
    with pytest.raises(ValueError, match="OFX_FIELD_KEYS"):
        decrypt(kept)


def test_a_masked_secret_shows_its_end_only_where_that_gives_nothing_away() -> None:
    assert mask("whsec_abcdefgh1234") == "••••1234"
    assert mask("short") == "••••"


def test_working_days_skip_weekends_and_bank_holidays(db: None) -> None:
    version = publish_calendar(code="england-wales", at=AT, first_year=2025, last_year=2026).pk
    assert newest_version("england-wales") == version
    assert add_working_days(version, date(2025, 12, 24), 1) == date(2025, 12, 29)
    assert add_working_days(version, date(2026, 3, 6), 1) == date(2026, 3, 9)
    assert working_days_between(version, date(2025, 12, 24), date(2025, 12, 29)) == 1
    with pytest.raises(OutsideCalendar):
        add_working_days(version, date(2026, 12, 30), 50)


def test_scotland_rests_on_the_second_of_january_and_england_does_not(db: None) -> None:
    scotland = publish_calendar(code="scotland", at=AT, first_year=2026, last_year=2026).pk
    england = publish_calendar(code="england-wales", at=AT, first_year=2026, last_year=2026).pk
    assert add_working_days(england, date(2026, 1, 1), 1) == date(2026, 1, 2)
    assert add_working_days(scotland, date(2026, 1, 1), 1) == date(2026, 1, 5)


def test_a_token_is_printed_once_kept_hashed_and_can_be_revoked(world: SimpleNamespace, client) -> None:  # type: ignore[no-untyped-def]
    out = StringIO()
    call_command("api_token", user="alice@example.com", stdout=out)
    secret = out.getvalue().strip()
    row = ApiToken.objects.get()
    assert secret not in json.dumps(list(ApiToken.objects.values()), default=str)
    header = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert client.get("/api/v1/operators/", **header).status_code == 200
    call_command("api_token", user="alice@example.com", revoke=row.pk, stdout=out)
    refused = client.get("/api/v1/operators/", **header)
    assert refused.status_code == 401
    assert "revoked" in refused.json()["reason"]


def test_a_token_for_nobody_is_refused_with_the_reason(db: None) -> None:
    with pytest.raises(CommandError, match="no user with a membership has the e-mail"):
        call_command("api_token", user="nobody@example.com")


def test_due_work_that_fails_for_one_goes_on_with_the_others(db: None) -> None:
    def divide(by: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 10 / %s", [by])
            return int(cursor.fetchone()[0])

    assert sweeps.each([5, 0, 2], divide) == 2


def test_a_sweep_that_is_running_elsewhere_is_not_run_twice(transactional_db: None) -> None:
    import threading
    import zlib

    key = zlib.crc32(b"ofx-sweep-events")
    seen: list[int | None] = []

    def other() -> None:
        seen.append(sweeps.run("events"))
        connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    assert seen == [None]
    assert sweeps.run("events") == 0
