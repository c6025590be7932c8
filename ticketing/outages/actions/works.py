"""Planned works from partners' notices, and what services hang on from files."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.alerts.actions import tell
from ofx.core.models import Membership, Organisation, User
from ofx.core.scoping import permit
from ofx.orders.models import ServiceRecord
from partners.models import Contact, Operator
from ticketing.outages.actions.declaring import DESK, from_partner, reject
from ticketing.outages.actions.updating import clear, update
from ticketing.outages.keys import Key, ScopeInvalid
from ticketing.outages.models import MaintenanceNotice, Outage, ServiceTopology
from ticketing.outages.notices import CANCELLED, HARMLESS, OVER, Notice, read
from ticketing.outages.telling import words
from ticketing.outages.vocabulary import STORED_KINDS

MOST_LINES = 200_000


def take_notice(
    *, organisation: Organisation, raw: bytes, actor: User | None, at: datetime, operator: Operator | None = None,
    simulated: bool = False,
) -> MaintenanceNotice:  # fmt: skip
    """Keep a mail or calendar file about works, and act on it where it can be read. The same bytes are one notice.

    `operator`: whose it is, where the way by which it came says so; else the notice itself must tell.
    """
    permit(actor, "outage.write")
    found = read(raw)
    with transaction.atomic():
        row, fresh = MaintenanceNotice.objects.get_or_create(
            organisation=organisation,
            digest=found.digest,
            defaults={
                "state": "waiting", "raw": raw[:2_000_000], "sender": found.sender, "subject": found.subject,
                "text": found.text, "data": found.entries, "problem": found.problem[:300], "received_at": at,
            },
        )  # fmt: skip
        if not fresh:
            return row
        if found.entries:
            _act(row, found, operator, simulated, at)
        if row.state == "waiting":
            ask_a_person(row, at)
    return row


def _act(row: MaintenanceNotice, found: Notice, operator: Operator | None, simulated: bool, at: datetime) -> None:
    """Each entry by itself; what one of them needs a person for is said on the notice."""
    problems = []
    for entry in found.entries:
        outage, problem = _entry(row, entry, operator or _operator(row, entry), simulated, at)
        if outage is not None:
            row.outage = outage
        if problem:
            problems.append(problem)
    row.problem = " ".join(problems)[:300]
    row.state = "waiting" if problems else "read"
    row.save(update_fields=["outage", "problem", "state"])


def _entry(
    row: MaintenanceNotice, entry: dict[str, Any], operator: Operator | None, simulated: bool, at: datetime
) -> tuple[Outage | None, str]:
    hit = [one["id"] for one in entry["circuits"] if one["impact"] not in HARMLESS]
    if operator is None:
        return None, f"Which operator is “{entry['provider'] or row.sender}”?"
    known = Outage.objects.filter(
        organisation=row.organisation, idempotency_key=f"{operator.code}:{entry['id']}"[:120]
    ).first()  # fmt: skip
    if known is not None:
        return known, _again(known, entry, at)
    if entry["status"] in CANCELLED | OVER or (entry["circuits"] and not hit):
        return None, ""
    keys = _keys(row.organisation, operator, hit)
    if not keys:
        return None, "None of its circuits is a service of ours: say what is affected."
    start, end = datetime.fromisoformat(entry["start"]), datetime.fromisoformat(entry["end"])
    try:
        outage = from_partner(
            at=at, organisation=row.organisation, operator=operator, external_id=entry["id"], keys=keys,
            title=(entry["summary"] or f"Planned work {entry['id']}")[:160], text=row.text[:4000], planned=True,
            window_start=start, window_end=end, expected_at=end, source="mail", simulated=simulated,
            impact="down" if any(one["impact"] == "OUTAGE" for one in entry["circuits"]) else "degraded",
        )  # fmt: skip
    except ScopeInvalid as error:
        return None, str(error)
    return outage, ""


def _again(outage: Outage, entry: dict[str, Any], at: datetime) -> str:
    """A later notice about works that are known: other times, over, or called off."""
    start, end = datetime.fromisoformat(entry["start"]), datetime.fromisoformat(entry["end"])
    if entry["status"] in CANCELLED and outage.state == "candidate":
        reject(outage=outage, actor=None, at=at, why="The partner called it off.")
    elif entry["status"] in CANCELLED | OVER and outage.state == "open":
        text = "The planned work was called off." if entry["status"] in CANCELLED else "The planned work is done."
        clear(outage=outage, actor=None, at=at, public_text=text)
    elif (start, end) != (outage.window_start, outage.window_end) and outage.state in ("candidate", "open"):
        if end <= start:
            return "Its new window ends before it begins."
        Outage.objects.filter(pk=outage.pk).update(
            window_start=start, window_end=end, started_at=start, expected_at=end
        )
        outage.refresh_from_db()
        if outage.state == "open":
            text = f"The planned work was moved: it begins on {words(start)} and ends on {words(end)}."
            update(outage=outage, actor=None, at=at, public_text=text, expected_at=end if end > at else None)
    return ""


def _operator(row: MaintenanceNotice, entry: dict[str, Any]) -> Operator | None:
    """By the name in the notice, else by the domain of the sender among the operators' contacts."""
    rows = Operator.objects.filter(agreements__organisation=row.organisation).distinct()
    named = rows.filter(code__iexact=entry["provider"]) | rows.filter(name__iexact=entry["provider"])
    domain = row.sender.rpartition("@")[2]
    if not named.exists() and domain:
        contacts = Contact.objects.filter(email__iendswith=f"@{domain}").values("operator")
        named = rows.filter(pk__in=contacts)
    found = list(named[:2])
    return found[0] if len(found) == 1 else None


def _keys(organisation: Organisation, operator: Operator, circuits: list[str]) -> list[Key]:
    """The circuits that are services of ours, by the partner's id or ours."""
    rows = ServiceRecord.objects.filter(organisation=organisation, operator=operator, state="active")
    mine = rows.filter(partner_ref__in=circuits) | rows.filter(reference__in=circuits)
    return [("service", reference) for reference in mine.order_by("pk").values_list("reference", flat=True)[:500]]


def ask_a_person(row: MaintenanceNotice, at: datetime) -> None:
    """The desk is told that a notice waits for somebody to read it."""
    people = Membership.objects.filter(organisation=row.organisation_id, role__in=DESK)
    tell(
        people=people.values_list("user_id", flat=True), organisation_id=row.organisation_id,
        subject=f"notice:{row.pk}", text=f"{row.kind} needs a person: {row.subject or row.problem}"[:300],
        url=row.get_absolute_url(), key=f"notice:{row.pk}", at=at,
    )  # fmt: skip


def load_topology(
    *, organisation: Organisation, lines: Iterable[tuple[str, str, str]], actor: User | None, at: datetime,
    source: str = "file",
) -> tuple[int, list[str]]:  # fmt: skip
    """Keep (service reference, kind, value) lines, newer ones over older. Returns how many, and what was refused."""
    permit(actor, "outage.write")
    bad: list[str] = []
    wanted: dict[tuple[str, str], str] = {}
    for number, (reference, kind, value) in enumerate(lines, 1):
        if number > MOST_LINES:
            raise ScopeInvalid({"file": f"At most {MOST_LINES:,} lines at once: split the file."})
        if kind.strip().lower() not in STORED_KINDS or not value.strip():
            bad.append(f"Line {number}: the kind must be one of {', '.join(STORED_KINDS)}, and the value not empty.")
        else:
            wanted[reference.strip(), kind.strip().lower()] = value.strip()[:80]
    references = {reference for reference, _ in wanted}
    rows = ServiceRecord.objects.filter(organisation=organisation, reference__in=references)
    known = dict(rows.values_list("reference", "pk"))
    bad += [f"{reference}: no such service." for reference in sorted(references - known.keys())]
    kept = [
        ServiceTopology(
            organisation=organisation, service_id=known[reference], kind=kind, value=value, source=source, at=at
        )
        for (reference, kind), value in wanted.items()
        if reference in known
    ]
    ServiceTopology.objects.bulk_create(
        kept, update_conflicts=True, unique_fields=["service", "kind"], update_fields=["value", "source", "at"],
        batch_size=2_000,
    )  # fmt: skip
    return len(kept), bad
