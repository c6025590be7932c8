"""Write a known error: a new one, a changed one, one drafted from a resolved ticket."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit, still_visible
from ticketing.known_errors.actions.evidence import link_ticket
from ticketing.known_errors.indexing import index
from ticketing.known_errors.models import KnownError, KnownErrorVersion
from ticketing.known_errors.vocabulary import REVIEW_DAYS, Confidence, Domain, State
from ticketing.tickets.models import ServiceTest, Ticket

# What a version holds: everything that people write. State and counts have their own history.
CONTENT = (
    "language", "title", "error_strings", "symptom_customer", "symptom_technical", "fault_class", "operator_id",
    "product", "technology", "cpe_model", "firmware_from", "firmware_to", "affected", "test_codes", "test_colour",
    "leds", "closure_codes", "cause", "cause_domain", "workaround", "steps", "verify", "customer_title",
    "customer_text", "fix_what", "fix_owner", "fix_eta", "fix_partner_ref", "confidence", "visibility", "owner_group",
    "review_by", "documents", "supersedes_id",
)  # fmt: skip
NEEDS_APPROVAL = frozenset(CONTENT) - {"owner_group", "review_by", "documents", "fix_eta", "fix_owner"}
DOMAIN_OF = {"customer": Domain.CUSTOMER, "us": Domain.OURS, "partner": Domain.PARTNER}


class Stale(ValueError):
    """Somebody else changed the record meanwhile; `args[0]` says so."""


def content_of(article: KnownError) -> dict[str, Any]:
    """What a version keeps, as plain values."""
    values = {name: getattr(article, name) for name in CONTENT}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def save_known_error(
    *, article: KnownError, actor: User | None, at: datetime, note: str = "", was_version: int | None = None
) -> KnownError:
    """Keep a new or changed record as its next version; nothing changed keeps nothing.

    What was approved and says something else now is a draft again: the approval was for the old words. Raises Stale
    when `was_version`, the version that the writer saw, is no longer the newest.
    """
    permit(actor, "knowledge.write")
    with transaction.atomic():
        if article.pk is None:
            return _create(article, actor, at, note)
        stored = KnownError.objects.select_for_update().get(pk=article.pk)
        if was_version is not None and stored.version != was_version:
            raise Stale("Somebody changed this record meanwhile. Look at the new version, then change it again.")
        changed = {name for name in CONTENT if getattr(stored, name) != getattr(article, name)}
        if not changed:
            return article
        article.version, article.updated_at, article.state = stored.version + 1, at, stored.state
        if stored.state == State.APPROVED and changed & NEEDS_APPROVAL:
            article.state = State.DRAFT
        fields = [name.removesuffix("_id") for name in CONTENT]
        article.save(update_fields=[*fields, "version", "updated_at", "state"])
        _keep(article, actor, at, note, sorted(changed))
        return still_visible(article, actor)


def _create(article: KnownError, actor: User | None, at: datetime, note: str) -> KnownError:
    article.reference = next_reference()
    article.created_at = article.updated_at = at
    article.created_by, article.version, article.state = actor, 1, State.DRAFT
    article.save()
    _keep(article, actor, at, note, [])
    return still_visible(article, actor)


def next_reference() -> str:
    """KE-000001 and on; a number that a refused writing took is lost."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('ticketing_knownerrorversion', 'id'))")
        return f"KE-{cursor.fetchone()[0]:06d}"


def _keep(article: KnownError, actor: User | None, at: datetime, note: str, changed: list[str]) -> None:
    """The version, the words of the search, the history."""
    KnownErrorVersion.objects.create(
        article=article, number=article.version, content=content_of(article), note=note[:300], at=at, by=actor
    )
    index(article)
    subject, owner = f"known_error:{article.pk}", article.organisation_id
    verb = "wrote the known error" if article.version == 1 else f"changed it to version {article.version}"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=owner, changed=changed)
    publish("known_error.written", subject, at=at, organisation_id=owner, version=article.version)


def restore_version(*, article: KnownError, number: int, actor: User | None, at: datetime) -> KnownError:
    """Make an earlier version's words the newest version. Raises KnownErrorVersion.DoesNotExist."""
    for name, value in article.versions.get(number=number).content.items():
        field: Any = KnownError._meta.get_field(name.removesuffix("_id"))
        setattr(article, name, value if field.is_relation else field.to_python(value))  # dates lie there as text
    return save_known_error(article=article, actor=actor, at=at, note=f"back to version {number}")


def draft_from_ticket(*, ticket: Ticket, actor: User | None, at: datetime) -> KnownError:
    """A draft with what a resolved ticket tells: its words, its test, its fix. Nobody's name or place.

    The same ticket gives the same draft.
    """
    permit(actor, "knowledge.write")
    with transaction.atomic():
        Ticket.objects.select_for_update().get(pk=ticket.pk)
        if found := KnownError.objects.filter(drafted_from=ticket).first():
            return found
        article = save_known_error(article=from_ticket(ticket, at), actor=actor, at=at, note=f"from {ticket.reference}")
        link_ticket(article=article, ticket=ticket, actor=actor, at=at)
    return article


def from_ticket(ticket: Ticket, at: datetime) -> KnownError:
    """What a ticket says, as an unsaved record."""
    test = ServiceTest.objects.filter(ticket=ticket, state="completed").exclude(code="").order_by("-done_at").first()
    return KnownError(
        organisation=ticket.organisation,
        title=ticket.title[:200],
        symptom_customer=ticket.description[:4000],
        fault_class=ticket.fault_class,
        operator=ticket.operator,
        test_codes=[test.code.upper()] if test else [],
        test_colour=test.colour if test else "",
        closure_codes=[ticket.clear_code.upper()] if ticket.clear_code else [],
        cause=ticket.cause,
        cause_domain=DOMAIN_OF.get(ticket.verdict, Domain.UNKNOWN),
        workaround=ticket.fix[:300],
        steps=[{"text": ticket.fix[:1000], "risk": "", "consent": False, "prerequisites": "", "rollback": ""}]
        if ticket.fix
        else [],
        verify="Line test green" if test else "",
        confidence=Confidence.NOT_VALIDATED,
        owner_group=ticket.team,
        review_by=(at + timedelta(days=REVIEW_DAYS)).date(),
        drafted_from=ticket,
    )


def is_owner(*, user: Any, article: KnownError) -> bool:
    """Whether the record belongs to the organisation that the user acts for; the exchange's to the exchange."""
    acting = getattr(user, "acting", None)
    if acting is None:
        return False
    mine: Organisation = acting.organisation
    return article.organisation_id == (None if mine.kind == "exchange" else mine.pk)
