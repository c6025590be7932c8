"""What customers are told by mail before they ask, in the thread of their ticket: twice is once.

A customer reads plain words: partners are "the network's engineers", codes and internal words stay inside.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ofx.core.mail.actions import post_template
from ofx.core.models import Membership, User
from ofx.core.notices import actions as notices
from ofx.core.notices.links import stop
from ofx.core.notices.queries import managers_who_want, wants
from ofx.core.notices.registry import Kind, register
from ofx.core.ui.display import said_when
from ticketing.tickets import answer_link
from ticketing.tickets.mail_thread import address, message_id, token
from ticketing.tickets.models import Ticket, TicketMail, TicketNote

QUESTIONS = register(
    Kind(
        "questions", _("Questions to me"), _("When we need an answer from you, or ask whether a repair works."), 10,
        fixed={"portal": _("What waits for you always stands on your first page.")},
    )
)  # fmt: skip
NEWS = register(Kind("ticket_news", _("Faults"), _("News of faults that you reported, and when they close."), 20))
COLLEAGUES = register(
    Kind(
        "colleagues", _("Faults of my colleagues"), _("The same about faults that your colleagues reported."), 30,
        default=False, managers=True,
    )
)  # fmt: skip
TO_CUSTOMER = ("customer", "all")
IN_THREAD = 10  # earlier mails that a new one names
EXPLAINED = 60  # seconds; a time that moves by less is the same time


def mail_note(*, note: TicketNote, at: datetime) -> TicketMail | None:
    """What we, or the network's engineers, wrote to the customer or ask them. None where nobody is to be told."""
    if note.audience not in TO_CUSTOMER or note.author == "customer":
        return None
    said = note.text
    if note.author == "partner":
        said = f"The network's engineers {'ask' if note.is_question else 'write'}:\n\n{note.text}"
    if note.is_question:
        if note.answered_at is not None:
            return None
        last = "Please answer this mail, or answer on your page: we go on as soon as we hear from you."
    else:
        last = "If you have something to add, simply answer this mail."
    kind, title = (QUESTIONS, "We need an answer from you") if note.is_question else (NEWS, "News")
    return _tell(note.ticket, kind, title, part=f"n{note.pk}", text=f"{said}\n\n{last}", at=at)


def ask_whether_fixed(*, ticket: Ticket, at: datetime) -> TicketMail | None:
    """It is resolved: does it work? Once a fix; not where the customer has said so already."""
    if ticket.state != "resolved" or ticket.confirmed_by_customer is not None:
        return None
    said = ["It should work again. Please check it."]
    if ticket.fix:
        said.append(f"What was done: {ticket.fix}")
    said.append("Does it work? Tell us here, with one press, without signing in:")
    said.append(answer_link.address(ticket, contact_of(ticket)))
    if ticket.auto_close_at is not None:
        until = said_when(ticket.auto_close_at)
        said.append(
            f"If it still fails, say so by {until}, and we go on at once. Without a word from you it closes then."
        )
    part, text = f"fixed{ticket.reopened}", "\n\n".join(said)
    return _tell(ticket, QUESTIONS, "Does it work again?", part=part, text=text, at=at, page=False)


def tell_closed(*, ticket: Ticket, at: datetime) -> TicketMail | None:
    """It is closed, and not because the customer said that it works."""
    if ticket.state != "closed" or ticket.confirmed_by_customer:
        return None
    said = "We have closed this fault: nobody told us that it still fails."
    again = "If it comes back, report it again on the page below. We then see what was done before."
    return _tell(ticket, NEWS, "Closed", part=f"closed{ticket.reopened}", text=f"{said}\n\n{again}", at=at)


def tell_ended(*, ticket: Ticket, at: datetime) -> TicketMail | None:
    """It was not taken, or was withdrawn. One that goes on in another ticket ended for nobody."""
    if ticket.state not in ("rejected", "cancelled") or ticket.merged_into_id is not None:
        return None
    if ticket.state == "rejected":
        said = f"We could not take this report. {ticket.state_reason}".strip()
    else:
        said = "This report was withdrawn. Nothing more happens about it; report it again if it comes back."
    return _tell(
        ticket, NEWS, "Not taken" if ticket.state == "rejected" else "Withdrawn", part="ended", text=said, at=at
    )


def tell_expected(*, ticket: Ticket, old: datetime | None, new: datetime, key: str, at: datetime) -> TicketMail | None:
    """When we expect it to work again, and that this has moved: from what to what. `key` names the move for ever."""
    if ticket.ended or ticket.state == "resolved" or ticket.expected_at != new or new <= at:
        return None
    if old is None:
        said = f"We expect it to work again by {said_when(new)}."
    elif abs((new - old).total_seconds()) < EXPLAINED:
        return None
    else:
        said = f"The time has moved: we expected it to work again by {said_when(old)}, and now expect {said_when(new)}."
        said += " We are sorry that it takes longer." if new > old else ""
    more = "It is a forecast of the engineers; we write again when it moves."
    return _tell(ticket, NEWS, "When it should work again", part=f"due{key}", text=f"{said}\n\n{more}", at=at)


def _tell(
    ticket: Ticket, kind: Kind, title: str, *, part: str, text: str, at: datetime, page: bool = True
) -> TicketMail | None:
    """By mail to the contact, in the portal to the reporter, and to those who asked to hear of their colleagues'."""
    posted = post_in_thread(ticket=ticket, kind=kind, part=part, text=text, at=at, page=page)
    if ticket.customer_id is None:
        return posted
    where = f"/my/faults/{ticket.reference}/"
    heading = f"{title}{'' if title.endswith('?') else ':'} {ticket.title}"
    news = notices.News(
        kind=kind.code,
        subject=f"ticket:{ticket.pk}",
        key=f"{ticket.reference}:{part}",
        title=heading,
        text=text,
        url=where,
        page=f"{settings.OFX_BASE_URL}{where}",
    )
    reporter = _reporter(ticket)
    people = [reporter] if reporter else []
    notices.show(organisation=ticket.organisation, customer_id=ticket.customer_id, people=people, news=news, at=at)
    _tell_managers(ticket, news, {contact_of(ticket).lower(), reporter.email if reporter else ""}, at)
    return posted


def _tell_managers(ticket: Ticket, news: notices.News, told: set[str], at: datetime) -> None:
    """Administrators of the customer who asked for it. Their mail has no link that answers for somebody else."""
    assert ticket.customer_id is not None
    asked: dict[str, Any] = {"provider_id": ticket.organisation_id, "customer_id": ticket.customer_id}
    asked["kind"] = COLLEAGUES.code
    said = (
        f"{ticket.reference} of {ticket.contact_name or ticket.reported_by or 'your company'}: see the page for more."
    )
    news = replace(news, kind=COLLEAGUES.code, text=said)
    for one in managers_who_want(channel="email", **asked):
        if one.email not in told:
            notices.mail(organisation=ticket.organisation, to=one.email, news=news, at=at)
    people = [one for one in managers_who_want(channel="portal", **asked) if one.email not in told]
    notices.show(organisation=ticket.organisation, customer_id=ticket.customer_id, people=people, news=news, at=at)


def contact_of(ticket: Ticket) -> str:
    """Where the customer reads mail: the contact, else the person of theirs who reported it; empty where nobody."""
    if ticket.contact_email:
        return ticket.contact_email
    person = _reporter(ticket)
    return person.email if person else ""


def _reporter(ticket: Ticket) -> User | None:
    """The customer's own person who reported it."""
    person = ticket.reported_by
    if person is None or ticket.customer_id is None or not person.is_active or person.is_service:
        return None
    return person if Membership.objects.filter(user=person, organisation_id=ticket.customer_id).exists() else None


def post_in_thread(
    *, ticket: Ticket, kind: Kind, part: str, text: str, at: datetime, page: bool = True
) -> TicketMail | None:
    """Post one mail in the ticket's thread, unless its reader wants none of this kind; `part` names it for ever.

    `page`: with the address of the fault's page.
    """
    to = contact_of(ticket)
    if not to or not wants(organisation_id=ticket.organisation_id, email=to, kind=kind.code):
        return None
    key = message_id(ticket, part)
    with transaction.atomic():
        earlier = list(ticket.mails.order_by("-at", "-pk").values_list("message_id", flat=True)[:IN_THREAD])
        subject = " ".join(f"{token(ticket)} {ticket.title}".split())[:200]
        row, fresh = TicketMail.objects.get_or_create(
            organisation_id=ticket.organisation_id, message_id=key,
            defaults={
                "ticket": ticket, "direction": "out", "sender": address(ticket.organisation.slug), "recipient": to,
                "subject": subject, "text": text, "at": at, "in_reply_to": earlier[0] if earlier else "",
            },
        )  # fmt: skip
        if not fresh:
            return row
        headers = {"Message-ID": key, "Reply-To": address(ticket.organisation.slug)}
        if earlier:
            headers |= {"In-Reply-To": earlier[0], "References": " ".join(reversed(earlier))}
        context = {"ticket": ticket, "text": text, "subject": subject, "provider": ticket.organisation}
        if page and ticket.customer_id is not None:
            context["page"] = f"{settings.OFX_BASE_URL}/my/faults/{ticket.reference}/"
        ending = stop(ticket.organisation_id, kind.code, to)
        post_template(to=to, template="ticket_note", context=context, at=at, headers=headers, stop=ending)
    return row
