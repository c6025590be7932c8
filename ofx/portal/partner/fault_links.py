"""Answers about a fault by the signed links of a mail, as for orders: looking never writes; the button does."""

import hashlib
from dataclasses import dataclass
from typing import Any

from allauth.core.ratelimit import consume
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ofx.core.clock import now
from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.portal.partner.fault_forms import ANSWERS, FaultAnswerForm
from ofx.portal.partner.faults import LOOK
from ofx.portal.partner.links import Closed
from partners.connectors.answer_links import BadLink, Link, read
from partners.conversations.routing import may_answer_by_mail
from ticketing.tickets.actions import TicketInvalid, operator_answer
from ticketing.tickets.actions.operator_answers import ANSWERS as POSSIBLE
from ticketing.tickets.models import PartnerTicket, TicketFact
from ticketing.tickets.outbound import leg_of

ONCE = ("acknowledge", "start", "resolve", "reject")  # the others may be said again, in other words


@dataclass(frozen=True)
class Opened:
    """A link that holds, and its fault."""

    link: Link
    row: PartnerTicket
    kind: str
    key: str

    @property
    def given(self) -> TicketFact | None:
        """What was answered by this very link already."""
        return self.row.facts.filter(dedupe_key=f"portal:{self.key}").first() if self.kind in ONCE else None

    @property
    def others(self) -> list[tuple[str, str]]:
        """Other answers that it may give now: (kind, label)."""
        able = [kind for kind in self.link.answers if kind != self.kind and self.row.state in POSSIBLE[kind][3]]
        return [(kind, ANSWERS[kind][0]) for kind in able]

    @property
    def refused(self) -> str:
        """Why the fault takes no such answer now."""
        if self.given is not None or self.row.state in POSSIBLE[self.kind][3]:
            return ""
        return f"This fault is {look_of(self.row)[0].lower()}."


def look_of(row: PartnerTicket) -> tuple[str, str]:
    """Its state as an operator reads it."""
    return LOOK.get(row.state, (row.get_state_display(), "grey"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fault_link(request: HttpRequest, token: str) -> HttpResponse:
    """What will be sent, and one button that sends it."""
    try:
        opened = _open(request, token)
    except Closed as closed:
        title, text, status = closed.args
        return _shown(request, {"title": title, "closed": text}, status)
    if request.method == "POST":
        if not consume(request, action="partner_link"):
            return _shown(request, {"title": "Too many tries", "closed": "Wait a minute, then try again."}, 429)
        return _post(request, opened)
    return _shown(request, _context(opened, FaultAnswerForm(opened.kind)))


def _open(request: HttpRequest, token: str) -> Opened:
    """The link's fault and answer. Raises Closed: forged, expired, or its recipient has left."""
    try:
        found = read(token)
    except BadLink:
        found = None
    if found is None or not found.purpose.startswith("fault:") or not found.answers:
        text = "Parts of it may be missing. Open it from the mail once more, or copy it whole."
        raise Closed("This link is not one of ours", text, 404)
    row = _row(found.our_key)
    if row is None:
        raise Closed("This fault is gone", "Nothing is left to answer.", 410)
    if timezone.localdate(now()) > found.until:
        text = f"It held until {found.until:%d %b %Y}. Answer in the partner portal, or by a reply to the mail."
        raise Closed("This link has expired", text, 410)
    if not may_answer_by_mail(row.operator, leg_of(f"partner_ticket:{row.pk}"), found.recipient):
        text = f"It was sent to {found.recipient}, which no longer answers for {row.operator}."
        raise Closed("This link no longer holds", text, 410)
    asked = request.GET.get("answer", "")
    kind = asked if asked in found.answers else found.answers[0]
    return Opened(found, row, kind, f"link:{hashlib.sha256(token.encode()).hexdigest()[:32]}:{kind}")


def _row(our_key: str) -> PartnerTicket | None:
    wanted = ("ticket__service__offering", "operator", "organisation")
    return PartnerTicket.objects.select_related(*wanted).filter(our_key=our_key).first()


def _post(request: HttpRequest, opened: Opened) -> HttpResponse:
    if opened.given is not None:
        return _shown(request, _context(opened, None))
    form = FaultAnswerForm(opened.kind, request.POST)
    refused = _give(opened, form) if form.is_valid() else ""
    if form.errors:
        return _shown(request, _context(opened, form), 422)
    if refused:
        return _shown(request, {**_context(opened, None), "refused": refused}, 409)
    again = Opened(opened.link, _row(opened.row.our_key) or opened.row, opened.kind, opened.key)
    return _shown(request, {**_context(again, None), "done": form.said, "refused": ""})


def _give(opened: Opened, form: FaultAnswerForm) -> str:
    """Give the answer in the recipient's name; why the fault does not allow it."""
    key = opened.key if opened.kind in ONCE else ""
    given: dict[str, Any] = {
        "partner_ticket": opened.row,
        "kind": opened.kind,
        "key": key,
        "who": opened.link.recipient,
    }
    try:
        operator_answer(actor=_person(opened), at=now(), **given, **form.values())
    except TicketInvalid as error:
        for field, text in error.problems.items():
            form.add_error(field if field in form.fields else None, text)
    except IllegalTransition as error:
        return str(error)
    return ""


def _person(opened: Opened) -> User | None:
    """The operator's own person with that address, so that the log names them; None for a shared desk."""
    person = User.objects.filter(email__iexact=opened.link.recipient, is_active=True).first()
    membership: Any = (
        person.memberships.filter(organisation=opened.row.operator.organisation_id).first() if person else None
    )
    if person is None or membership is None or membership.role not in ("admin", "assurance"):
        return None
    person.acting = membership
    return person


def _context(opened: Opened, form: FaultAnswerForm | None) -> dict[str, Any]:
    given, refused = opened.given, opened.refused
    label, said, confirm = ANSWERS[opened.kind]
    return {
        "title": label,
        "row": opened.row,
        "look": look_of(opened.row),
        "link": opened.link,
        "label": label,
        "said": said,
        "confirm": confirm,
        "given": given,
        "refused": refused,
        "form": None if given or refused else form,
        "others": opened.others,
    }


def _shown(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "ofx/portal/partner/fault_link.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
