"""Answers by the signed links of a mail: one order, one recipient. Looking never writes; the button does."""

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
from ofx.orders.actions import operator_answers as answers
from ofx.orders.answers import VERBS, AnswerInvalid, refusal
from ofx.orders.models import Fact, PartnerOrder
from ofx.orders.outbound import leg_of
from ofx.portal.partner.forms import AnswerForm
from ofx.portal.partner.queries import ACTIONS, WANTED, open_kinds, with_flags
from ofx.portal.partner.story import words_of
from partners.connectors.answer_links import BadLink, Link, read
from partners.conversations.routing import may_answer_by_mail

ONCE = ("acknowledge", "commit", "complete", "reject", "accept_cancel", "refuse_cancel")


@dataclass(frozen=True)
class Opened:
    """A link that holds, and its order."""

    link: Link
    row: PartnerOrder
    verb: str
    key: str

    @property
    def given(self) -> Fact | None:
        """What was answered by this very link already."""
        return answers.given_by(partner_order=self.row, key=self.key) if self.verb in ONCE else None

    @property
    def others(self) -> list[tuple[str, str]]:
        """Other answers that it may give now: (verb, label)."""
        kinds = open_kinds(self.row)
        return [
            (verb, VERBS[verb].label)
            for verb in self.link.answers
            if verb != self.verb and not refusal(self.row, verb, kinds)
        ]


class Closed(Exception):
    """The link cannot be used: (title, why and what to do, status)."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
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
    return _shown(request, _context(opened, AnswerForm(opened.verb, opened.row)))


def _open(request: HttpRequest, token: str) -> Opened:
    """The link's order and answer. Raises Closed: forged, expired, or its recipient has left."""
    try:
        found = read(token)
    except BadLink:
        text = "Parts of it may be missing. Open it from the mail once more, or copy it whole."
        raise Closed("This link is not one of ours", text, 404) from None
    row = with_flags(PartnerOrder.objects.select_related(*WANTED)).filter(our_key=found.our_key).first()
    if row is None:
        raise Closed("This order is gone", "Nothing is left to answer.", 410)
    if timezone.localdate(now()) > found.until:
        text = f"It held until {found.until:%d %b %Y}. Answer in the partner portal, or by a reply to the mail."
        raise Closed("This link has expired", text, 410)
    if not may_answer_by_mail(row.operator, leg_of(row), found.recipient):
        text = f"It was sent to {found.recipient}, which no longer answers for {row.operator}."
        raise Closed("This link no longer holds", text, 410)
    asked = request.GET.get("answer", "")
    verb = asked if asked in found.answers else found.answers[0]
    return Opened(found, row, verb, _key(token, verb))


def _key(token: str, verb: str) -> str:
    return f"link:{hashlib.sha256(token.encode()).hexdigest()[:32]}:{verb}"


def _post(request: HttpRequest, opened: Opened) -> HttpResponse:
    if opened.given is not None:
        return _shown(request, _context(opened, None))
    form = AnswerForm(opened.verb, opened.row, request.POST)
    refused = _give(opened, form) if form.is_valid() else ""
    if form.errors:
        return _shown(request, _context(opened, form), 422)
    if refused:
        return _shown(request, {**_context(opened, None), "refused": refused}, 409)
    again = with_flags(PartnerOrder.objects.select_related(*WANTED)).get(pk=opened.row.pk)
    done = Opened(opened.link, again, opened.verb, opened.key)
    return _shown(request, {**_context(done, None), "done": VERBS[opened.verb].said})


def _give(opened: Opened, form: AnswerForm) -> str:
    """Give the answer in the recipient's name; why the order does not allow it."""
    key = opened.key if opened.verb in ONCE else ""
    via = answers.Channel(kind="link", key=key, who=opened.link.recipient)
    values = {name: value for name, value in form.cleaned_data.items() if value is not None}
    try:
        answers.give(verb=opened.verb, actor=_person(opened), partner_order=opened.row, at=now(), via=via, **values)
    except AnswerInvalid as error:
        form.refuse(error)
    except IllegalTransition as error:
        return str(error)
    return ""


def _person(opened: Opened) -> User | None:
    """The operator's own person with that address, so that the log names them; None for a shared desk."""
    person = User.objects.filter(email__iexact=opened.link.recipient, is_active=True).first()
    membership: Any = (
        person.memberships.filter(organisation=opened.row.operator.organisation_id).first() if person else None
    )
    if person is None or membership is None or membership.role not in ("admin", "fulfilment"):
        return None
    person.acting = membership
    return person


def _context(opened: Opened, form: AnswerForm | None) -> dict[str, Any]:
    given, row = opened.given, opened.row
    refused = "" if given else refusal(row, opened.verb, open_kinds(row))
    return {
        "title": VERBS[opened.verb].label,
        "row": row,
        "action": ACTIONS.get(row.item.action, ""),
        "link": opened.link,
        "verb": opened.verb,
        "kind": VERBS[opened.verb],
        "given": given,
        "given_words": words_of(given) if given else "",
        "said": VERBS[opened.verb].said,
        "refused": refused,
        "form": None if given or refused else form,
        "others": opened.others,
    }


def _shown(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "ofx/portal/partner/link.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
