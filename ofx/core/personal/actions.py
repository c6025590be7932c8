"""Ask for a copy of, or the erasure of, what is held on a person; the worker does it step by step."""

import csv
import io
import json
import logging
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, Q

from ofx.core.accounts.actions.people import permit_over
from ofx.core.accounts.models import Organisation, User
from ofx.core.audit.actions import record
from ofx.core.celery_wake import wake
from ofx.core.events.actions import publish
from ofx.core.personal.models import PersonalRequest
from ofx.core.personal.registry import EXPORTS, Person, erasure_steps
from ofx.core.ui.export import BYTE_ORDER_MARK, cell

log = logging.getLogger(__name__)
FILE_DAYS = 7
LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5
State = PersonalRequest.State


def ask(*, kind: str, email: str, organisation: Organisation | None, actor: User, at: datetime) -> PersonalRequest:
    """Queue an export or erasure. Of oneself: everywhere. Of another: within an organisation whose people one manages.

    The same request while one is under way is that one.
    """
    email = email.strip().lower()
    if organisation is not None:
        permit_over(actor, organisation)
    elif email != actor.email.lower():
        raise PermissionError("Only the person themselves can ask for everything.")
    with transaction.atomic():
        row, made = PersonalRequest.objects.get_or_create(
            kind=kind,
            email=email,
            organisation=organisation,
            state__in=[State.WAITING, State.RUNNING],
            defaults={
                "state": State.WAITING,
                "user": User.objects.filter(email__iexact=email).first(),
                "asked_by": actor,
                "created_at": at,
            },
        )
        if made:
            _log(row, actor, at, f"asked for {'a copy' if kind == 'export' else 'the erasure'} of personal data")
            transaction.on_commit(partial(wake, "ofx.core.personal.tasks.work", row.pk), robust=True)
    return row


def work(*, request_id: int, at: datetime) -> bool:
    """Do a request that is waiting, or that a worker left behind. Returns whether it was done now."""
    due = Q(state=State.WAITING) | Q(state=State.RUNNING, claimed_until__lt=at)
    claimed = PersonalRequest.objects.filter(due, pk=request_id).update(
        state=State.RUNNING, claimed_until=at + LEASE, attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    row = PersonalRequest.objects.select_related("user").get(pk=request_id)
    try:
        (_export if row.kind == PersonalRequest.Kind.EXPORT else _erase)(row, at)
    except Exception:
        log.exception("personal data request failed", extra={"request": row.pk})
        _give_up(row, at)
        return False
    return True


def work_due(*, at: datetime) -> int:
    """What no worker was woken for; and files whose time is over are deleted."""
    due = Q(state=State.WAITING) | Q(state=State.RUNNING, claimed_until__lt=at)
    done = sum(work(request_id=pk, at=at) for pk in PersonalRequest.objects.filter(due).values_list("pk", flat=True))
    for row in PersonalRequest.objects.filter(expires_at__lt=at).exclude(file=""):
        row.file.delete(save=False)
        PersonalRequest.objects.filter(pk=row.pk).update(file="")
        done += 1
    return done


def note_download(*, request: PersonalRequest, actor: User, at: datetime) -> None:
    """A copy left the house."""
    with transaction.atomic():
        _log(request, actor, at, "downloaded a copy of personal data")


def _person(row: PersonalRequest) -> Person:
    alias = f"erased-{row.user_id or f'r{row.pk}'}@erased.invalid"
    return Person(row.email, row.user, row.organisation_id, alias)


def _progress(row: PersonalRequest, done: int, total: int) -> None:
    PersonalRequest.objects.filter(pk=row.pk).update(steps_done=done, steps=total)


def _export(row: PersonalRequest, at: datetime) -> None:
    person, parts = _person(row), {}
    for number, (name, export) in enumerate(EXPORTS.items(), start=1):
        parts[name] = list(export(person))
        _progress(row, number, len(EXPORTS))
    report = [f"{name}: {len(rows)} entries" for name, rows in parts.items()]
    row.file.save(f"personal-data-{row.pk}.zip", ContentFile(_zipped(parts)), save=False)
    with transaction.atomic():
        _finish(row, at, report, file=row.file.name, expires_at=at + timedelta(days=FILE_DAYS))


def _erase(row: PersonalRequest, at: datetime) -> None:
    """Each step commits by itself and may be done again; the request's own e-mail is the last to go."""
    person, report = _person(row), []
    steps = erasure_steps()
    for number, (_, step) in enumerate(steps, start=1):
        with transaction.atomic():
            report += step(person, at)
            _progress(row, number, len(steps))
    gone = row.user is None or (User.objects.filter(pk=row.user.pk, email=person.alias).exists())
    with transaction.atomic():
        if gone:
            PersonalRequest.objects.filter(email=row.email).exclude(pk=row.pk).update(email=person.alias)
            publish("person.erased", f"personal_request:{row.pk}", at=at, organisation_id=row.organisation_id)
        _finish(row, at, report, email=person.alias if gone else row.email)


def _finish(row: PersonalRequest, at: datetime, report: list[str], **fields: Any) -> None:
    PersonalRequest.objects.filter(pk=row.pk).update(state=State.DONE, finished_at=at, report=report, **fields)
    row.refresh_from_db()
    verb = "gave out a copy of personal data" if row.kind == "export" else "erased personal data"
    _log(row, None, at, verb, report=report)


def _give_up(row: PersonalRequest, at: datetime) -> None:
    if row.attempts >= MAX_ATTEMPTS:
        words = ["It failed five times; whoever runs this installation finds the reason in its log."]
        PersonalRequest.objects.filter(pk=row.pk).update(state=State.FAILED, finished_at=at, report=words)


def _zipped(parts: dict[str, list[dict[str, Any]]]) -> bytes:
    """`data.json` with everything, and one CSV a part."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(parts, default=str, indent=2, ensure_ascii=False))
        for name, rows in parts.items():
            archive.writestr(f"{name}.csv", _csv(rows))
    return held.getvalue()


def _csv(rows: Iterable[dict[str, Any]]) -> str:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.writer(text)
    names = list(rows[0]) if rows else []
    writer.writerow(names)
    writer.writerows([cell(row.get(name)) for name in names] for row in rows)
    return BYTE_ORDER_MARK + text.getvalue()


def _log(row: PersonalRequest, actor: User | None, at: datetime, verb: str, **data: Any) -> None:
    subject = f"user:{row.user_id}" if row.user_id else f"personal_request:{row.pk}"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=_home(row), request=row.pk, **data)


def _home(row: PersonalRequest) -> int | None:
    """The organisation in whose audit it stands: the asked one, else the person's first."""
    if row.organisation_id or row.user is None:
        return row.organisation_id
    first = row.user.memberships.order_by("pk").first()
    return first.organisation_id if first else None
