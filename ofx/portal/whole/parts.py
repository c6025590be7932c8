"""The sections that 360° pages are born with: orders, services, visits, charges, news, messages, people, money."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from ofx.orders.board import board
from ofx.portal.home.models import DayFigures
from ofx.portal.home.money import monthly
from ofx.portal.whole import queries
from ofx.portal.whole.sections import Asked, Section, counted, cut, section
from ofx.search.models import Promise
from partners.models import Contact, Endpoint, Message

FOLDER = "ofx/portal/whole/"
PLACES = ("customer", "site", "service")


def kind_of(thing: Any) -> str:
    """`customer`, `site`, `service` or `operator`."""
    return {"Organisation": "customer", "Site": "site", "ServiceRecord": "service"}.get(
        type(thing).__name__, "operator"
    )


def _orders_url(kind: str, thing: Any) -> str:
    wanted = {
        "customer": lambda: {"customer": thing.name},
        "site": lambda: {"postcode": thing.postcode},
        "operator": lambda: {"operator": thing.pk},
    }
    return f"{reverse('orders')}?{urlencode(wanted[kind]())}" if kind in wanted else ""


@section("customer", "site", "service", position=10)
def open_orders(asked: Asked) -> Section:
    """What is on its way, who holds it and what comes next."""
    kind = kind_of(asked.thing)
    rows = queries.orders_of(asked.user, kind, asked.thing)
    going = rows.filter(closed_at=None).order_by("-created_at", "-pk")
    ended = rows.filter(closed_at__isnull=False).order_by("-created_at", "-pk")
    context = {"going": cut(going, queries.MOST), "ended": cut(ended, 5)}
    count = f"{counted(going)} open"
    return Section("Orders", f"{FOLDER}orders.html", context, "package", count, _orders_url(kind, asked.thing), True)


@section("operator", position=10)
def stuck_orders(asked: Asked) -> Section:
    """What the board shows of this operator: the riskiest first."""
    today = timezone.localdate(asked.at)
    found = board(asked.user, asked.at, today, operator=asked.thing.pk)
    cards = sorted((card for column in found.columns for card in column.cards), key=lambda card: -card.score)
    url = f"{reverse('order-board')}?{urlencode({'operator': asked.thing.code})}"
    words = f"{found.words['late']} late, {found.words['silent']} silent, {found.words['commits']} due today"
    context = {"cards": cards[: queries.MOST], "orders_url": _orders_url("operator", asked.thing)}
    return Section("What needs us", f"{FOLDER}cards.html", context, "layout-board", words, url, True)


@section("customer", "site", "operator", position=20)
def services(asked: Asked) -> Section:
    """What is live."""
    rows = queries.services_of(asked.user, kind_of(asked.thing), asked.thing).filter(state="active")
    context = {"services": cut(rows.order_by("-active_from"), queries.MOST)}
    return Section("Services", f"{FOLDER}services.html", context, "plug", f"{counted(rows)} active")


@section("customer", position=25)
def sites(asked: Asked) -> Section | None:
    """Where the customer is."""
    found = queries.sites_of(asked.user, asked.thing)
    return Section("Sites", f"{FOLDER}sites.html", {"sites": found}, "map-pin") if found else None


@section("customer", "site", "service", "operator", position=30)
def visits(asked: Asked) -> Section | None:
    """Engineers' visits: the next ones, and what became of the last."""
    rows = queries.appointments_of(asked.user, kind_of(asked.thing), asked.thing)
    since = asked.at - timedelta(hours=12)
    coming = cut(rows.filter(slot_start__gte=since).order_by("slot_start"), queries.MOST)
    past = cut(rows.filter(slot_start__lt=since).order_by("-slot_start"), 5)
    if not coming and not past:
        return None
    return Section("Appointments", f"{FOLDER}visits.html", {"coming": coming, "past": past}, "calendar-event")


@section("customer", "site", "service", "operator", position=35)
def charges(asked: Asked) -> Section | None:
    """Extra charges: what waits for an answer first."""
    rows = queries.charges_of(asked.user, kind_of(asked.thing), asked.thing)
    waiting = cut(rows.filter(state="raised").order_by("answer_by", "pk"), queries.MOST)
    answered = cut(rows.exclude(state="raised").order_by("-raised_at"), 5)
    if not waiting and not answered:
        return None
    count = f"{len(waiting)} await our answer" if waiting else ""
    context = {"charges": [*waiting, *answered]}
    return Section("Extra charges", f"{FOLDER}charges.html", context, "currency-pound", count)


@section(*PLACES, position=40)
def news(asked: Asked) -> Section:
    """What was heard of its latest orders, and the messages with partners about them."""
    rows = queries.orders_of(asked.user, kind_of(asked.thing), asked.thing)
    orders = cut(rows.order_by("-created_at", "-pk"), queries.LATEST_ORDERS)
    parts = queries.parts_of(orders)
    context = {"news": queries.news_of(asked.user, orders, parts), "messages": queries.messages_of(parts)}
    return Section("News and messages", f"{FOLDER}news.html", context, "messages", wide=True)


@section("customer", position=60)
def money(asked: Asked) -> Section | None:
    """What the customer's active services cost a month."""
    rows = monthly(queries.services_of(asked.user, "customer", asked.thing))[: queries.MOST]
    return Section("Money, a month", f"{FOLDER}money.html", {"rows": rows}, "currency-pound") if rows else None


@section("operator", position=60)
def spend(asked: Asked) -> Section | None:
    """What we pay the operator a month, from the figures that are counted once a day: it may be a million services."""
    latest = DayFigures.objects.visible_to(asked.user).exclude(money=[]).order_by("-day").first()
    found = [line for line in (latest.money if latest else []) if line[0] == asked.thing.name]
    if latest is None or not found:
        return None
    rows = [{"name": name, "n": n, "monthly": cost, "currency": currency} for name, n, cost, currency in found]
    return Section("Money, a month", f"{FOLDER}money.html", {"rows": rows}, "currency-pound", f"{latest.day:%-d %b}")


@section("customer", position=70)
def people(asked: Asked) -> Section:
    """Who of the customer signs in here."""
    rows = queries.people_of(asked.thing)
    return Section("People", f"{FOLDER}people.html", {"people": cut(rows, 20)}, "users", counted(rows))


@section("operator", position=40)
def record(asked: Asked) -> Section | None:
    """How it delivered for us: by technology, from our own history."""
    rows = Promise.objects.filter(organisation=asked.user.acting.organisation_id, operator=asked.thing, area="")
    found = cut(rows.order_by("technology"), queries.MOST)
    if not found:
        return None
    return Section("How it delivers", f"{FOLDER}record.html", {"rows": found}, "chart-bar", "our orders of a year")


@section("operator", position=50)
def connection(asked: Asked) -> Section:
    """The ways to its systems, and the newest messages on them."""
    ways = cut(Endpoint.objects.visible_to(asked.user).filter(operator=asked.thing), queries.MOST)
    rows = Message.objects.visible_to(asked.user).filter(endpoint__in=ways).exclude(state="duplicate")
    light = rows.select_related("endpoint").defer("raw", "wire", "answer", "headers", "canonical")
    context = {"ways": ways, "messages": cut(light.order_by("-created_at", "-pk"), queries.MOST), "at": asked.at}
    return Section("Connection", f"{FOLDER}connection.html", context, "network")


@section("operator", position=70)
def desks(asked: Asked) -> Section | None:
    """Whom to call."""
    rows = cut(Contact.objects.visible_to(asked.user).filter(operator=asked.thing).order_by("purpose"), 20)
    return Section("Contacts", f"{FOLDER}desks.html", {"desks": rows}, "users") if rows else None
