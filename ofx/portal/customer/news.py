"""What customers are told of their orders, engineers' visits and complaints before they ask. Each once."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ofx.core.accounts.models import User
from ofx.core.models import Alert, NoticeSent
from ofx.core.notices import actions as notices
from ofx.core.notices.registry import Kind, register
from ofx.core.ui.display import local, said_when
from ofx.orders.models import Appointment, Order
from ofx.orders.plain import plain, why_moved
from ofx.orders.queries import order_page
from ticketing.models import Complaint

ORDERS = register(
    Kind("order_news", gettext_lazy("Orders"), gettext_lazy("The day it is ready, and that it moved or is done."), 40)
)
VISITS = register(
    Kind("appointments", gettext_lazy("Engineer visits"), gettext_lazy("When an engineer comes, or does not."), 50)
)
OWED = gettext_lazy("We owe you these, so they are always sent.")
COMPLAINTS = register(
    Kind(
        "complaints", gettext_lazy("Answers to complaints"), gettext_lazy("Our answer, and by when you have it."), 80,
        fixed={"email": OWED, "portal": OWED},
    )
)  # fmt: skip
OVER = ("accepted", "rejected", "failed", "cancelled", "partial")
SAID = {
    "confirmed": gettext_lazy("Your engineer comes on %s. This is fixed."),
    "rebooked": gettext_lazy("The visit of your engineer has moved. The new time is %s."),
    "missed": gettext_lazy(
        "The engineer who was to come on %s did not come. We are sorry. We agree a new time with you."
    ),
    "failed": gettext_lazy("The engineer came on %s and could not do the work. We agree a new time with you."),
    "cancelled": gettext_lazy("The engineer's visit of %s was called off. We tell you what comes next."),
    "expired": gettext_lazy("The time of %s could not be kept for you. We look for another one with you."),
}


def people_of(order: Order) -> list[User]:
    """Whoever of the customer placed it, else its administrators, else its people."""
    members = User.objects.filter(is_active=True, is_service=False, memberships__organisation=order.customer_id)
    for rows in (
        members.filter(pk=order.created_by_id or 0),
        members.filter(memberships__role="admin", memberships__organisation=order.customer_id),
    ):
        found = list(rows.distinct().order_by("pk"))
        if found:
            return found
    return list(members.distinct().order_by("pk"))


def tell(order: Order, kind: Kind, part: str, title: str, text: str, at: datetime) -> int:
    """By mail to the contact and to the customer's people, and in their portal. Returns how many mails were posted."""
    where = order.get_absolute_url()
    news = notices.News(
        kind=kind.code, subject=f"order:{order.pk}", key=f"{order.reference}:{part}", title=title, text=text, url=where,
        page=f"{settings.OFX_BASE_URL}{where}",
    )  # fmt: skip
    people = people_of(order)
    notices.show(organisation=order.organisation, customer_id=order.customer_id, people=people, news=news, at=at)
    to = {one.lower() for one in (order.contact_email, *(one.email for one in people)) if one}
    return sum(notices.mail(organisation=order.organisation, to=one, news=news, at=at) for one in sorted(to))


def tell_date(order: Order, told: dict[str, Any], event_id: int, at: datetime) -> int:
    """The day when it is ready, or that it moved: from what to what, and why. A day that was told last is no news."""
    day = order.target_date
    if day is None or order.closed_at is not None:
        return 0
    page = order_page(order, None)
    said = plain(order, page.parts, local(at).date())
    last = _last_day(order)
    if last and last.split(":")[2] == day.isoformat():
        key = last
    else:
        key = f"date:{day.isoformat()}:{event_id}"
    old = _day(str(told.get("old") or ""))
    lines = [said.headline]
    if last and key != last and old and old != _said_day(day):
        lines = [_("The day has moved: from %(old)s to %(new)s.") % {"old": old, "new": _said_day(day)}]
        lines.append(why_moved(str(told.get("requester") or ""), str(told.get("reason") or "")))
    lines += [said.detail if len(lines) == 1 else "", said.sure]
    text = " ".join(line for line in lines if line)
    return tell(
        order, ORDERS, key.removeprefix(f"{order.reference}:"), f"{_('Your order')}: {order.place_text}", text, at
    )


def _last_day(order: Order) -> str:
    """The key of the day that was told last; empty where none was."""
    prefix, subject = f"{order.reference}:date:", f"order:{order.pk}"
    mailed = NoticeSent.objects.filter(subject=subject, key__startswith=prefix).order_by("-pk").first()
    shown = Alert.objects.filter(subject=subject, key__startswith=prefix).order_by("-at", "-pk").first()
    newest = max((one for one in (mailed, shown) if one), key=lambda one: one.at, default=None)
    return newest.key if newest else ""


def _said_day(day: Any) -> str:
    return date_format(day, "l j F")


def _day(value: str) -> str:
    try:
        return _said_day(datetime.fromisoformat(value))
    except ValueError:
        return ""


def tell_need(order: Order, flag: str, at: datetime) -> int:
    """It waits for the customer: what for."""
    said = plain(order, order_page(order, None).parts, local(at).date())
    if not said.need or order.closed_at is not None:
        return 0
    kind = Kind("questions", "")
    return tell(order, kind, f"need:{flag}", _("Your order needs something from you"), said.need, at)


def tell_end(order: Order, state: str, at: datetime) -> int:
    """It is ready, or will not be."""
    if order.state != state or state not in OVER:
        return 0
    said = plain(order, order_page(order, None).parts, local(at).date())
    return tell(order, ORDERS, f"end:{state}", said.headline, f"{said.headline} {said.detail}", at)


def tell_visit(visit: Appointment, what: str, at: datetime) -> int:
    """An engineer comes, comes at another time, did not come, or could not do the work."""
    if visit.partner_order is None:  # of a fault: its ticket's mails tell of it
        return 0
    if visit.slot_end <= at and what in ("confirmed", "rebooked", "cancelled", "expired"):
        return 0
    first, last = local(visit.slot_start), local(visit.slot_end)
    hour = last.strftime("%-I:%M %p" if last.minute else "%-I %p").lower()
    text = str(SAID[what]) % f"{said_when(first)} to {hour}"
    part = f"visit:{visit.pk}:{what}:{int(visit.slot_start.timestamp())}"
    return tell(visit.partner_order.order, VISITS, part, _("Your engineer's visit"), text, at)


def tell_answer(complaint: Complaint, at: datetime) -> bool:
    """Our answer to a complaint, to whoever made it."""
    person = complaint.made_by
    if complaint.state != "answered" or person is None or complaint.answered_at is None:
        return False
    where = f"/complaints/{complaint.reference}/"
    text = f"{complaint.answer}\n\n" + _(
        "If that does not put it right, you may take it to a manager on the page below."
    )
    news = notices.News(
        kind=COMPLAINTS.code, subject=f"complaint:{complaint.pk}", title=_("Our answer to your complaint"), text=text,
        key=f"{complaint.reference}:answered:{int(complaint.answered_at.timestamp())}", url=where,
        page=f"{settings.OFX_BASE_URL}{where}",
    )  # fmt: skip
    house, customer = complaint.organisation, complaint.customer_id
    notices.show(organisation=house, customer_id=customer, people=[person], news=news, at=at)
    return notices.mail(organisation=house, to=person.email, news=news, at=at)
