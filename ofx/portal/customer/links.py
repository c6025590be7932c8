"""Does it work? Answered by the signed link of a mail, without signing in. Looking never writes; the buttons do."""

from dataclasses import dataclass
from typing import Any

from allauth.core.ratelimit import consume
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ofx.core.clock import now
from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.portal.customer.forms import StillForm
from ticketing.models import Ticket
from ticketing.tickets import actions
from ticketing.tickets.answer_link import BadLink, FixLink, read

SAID = "said by the link of a mail"


@dataclass(frozen=True)
class Opened:
    """A link that holds, its ticket, and the person behind it where we know them."""

    link: FixLink
    ticket: Ticket
    person: User | None

    @property
    def waits(self) -> bool:
        """Whether this fix still wants an answer."""
        row = self.ticket
        return row.state == "resolved" and row.confirmed_by_customer is None and row.reopened == self.link.turn


class Closed(Exception):
    """The link leads nowhere; title, text, status."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fixed(request: HttpRequest, token: str) -> HttpResponse:
    """Does it work again?"""
    try:
        opened = _open(token)
    except Closed as closed:
        title, text, status = closed.args
        return _shown(request, {"title": title, "closed": text}, status)
    if request.method != "POST":
        return _shown(request, _context(opened, StillForm()))
    if not consume(request, action="customer_link"):
        wait = _("Wait a minute, then try again.")
        return _shown(request, {"title": _("Too many tries"), "closed": wait}, 429)
    return _answer(request, opened)


def _open(token: str) -> Opened:
    try:
        link = read(token)
    except BadLink:
        text = _("Parts of it may be missing. Open it from the mail once more, or copy it whole.")
        raise Closed(_("This link is not one of ours"), text, 404) from None
    ticket = Ticket.objects.select_related("organisation", "customer", "reported_by").filter(pk=link.ticket_id).first()
    if ticket is None or link.recipient.lower() not in _addresses(ticket):
        raise Closed(_("This link no longer holds"), _("Sign in to see how your fault stands."), 410)
    return Opened(link, ticket, _person(ticket, link.recipient))


def _addresses(ticket: Ticket) -> set[str]:
    reporter = ticket.reported_by.email if ticket.reported_by else ""
    return {one.lower() for one in (ticket.contact_email, reporter) if one}


def _person(ticket: Ticket, recipient: str) -> User | None:
    """The customer's own person with that address, so that the log names them."""
    person = User.objects.filter(email__iexact=recipient, is_active=True).first()
    membership: Any = person.memberships.filter(organisation=ticket.customer_id).first() if person else None
    if person is None or membership is None:
        return None
    person.acting = membership
    return person if Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists() else None


def _answer(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Works, or still does not. A second press finds what the first one did."""
    if not opened.waits:
        return _shown(request, _context(opened, StillForm()))
    form = StillForm(request.POST)
    try:
        if request.POST.get("answer") == "works":
            return _done(request, opened, _confirm(opened))
        if form.is_valid():
            return _done(request, opened, _reopen(opened, form.cleaned_data["why"]))
    except IllegalTransition:  # it closed, or another answered, in this moment
        return _shown(request, _context(opened, None), 409)
    return _shown(request, _context(opened, form), 422)


def _confirm(opened: Opened) -> str:
    actions.confirm(ticket=opened.ticket, actor=opened.person, at=now(), why=f"confirmed, {SAID}")
    return _("Thank you for telling us. Good that it works again.")


def _reopen(opened: Opened, why: str) -> str:
    actions.reopen(ticket=opened.ticket, actor=opened.person, at=now(), why=why)
    return _("Thank you. We work on it again.")


def _done(request: HttpRequest, opened: Opened, said: str) -> HttpResponse:
    return _shown(request, {**_context(opened, None), "done": said})


def _context(opened: Opened, form: StillForm | None) -> dict[str, Any]:
    row = opened.ticket
    row.refresh_from_db()
    return {
        "title": _("Does it work again?") if opened.waits else row.title,
        "ticket": row,
        "waits": opened.waits,
        "form": form,
        "still_open": bool(form is not None and form.errors),
        "over": row.state == "closed",
    }


def _shown(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "ofx/customer/fixed.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
