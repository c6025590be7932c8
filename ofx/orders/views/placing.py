"""The order form: from a chosen offer to a placed order in under a minute."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.orders import actions
from ofx.orders.decomposition import Line, Planned, decompose
from ofx.orders.duplicates import Likeness, likely_duplicates
from ofx.orders.forms import OrderForm, initial_of
from ofx.orders.models import Order
from ofx.orders.pricing import Quote, quote
from ofx.orders.rechecking import recheck, recheck_order
from ofx.orders.validation import OrderInvalid
from ofx.orders.views.loading import act, writable
from partners.conversations.routing import possible_way
from partners.coverage.normalise import display
from partners.models import Address, Offering, Operator, Place

MOST_OFFERS = 8


@dataclass(frozen=True)
class Choice:
    """What is to be ordered, and where."""

    offerings: list[Offering]
    place: Place
    address: Address | None

    @property
    def place_text(self) -> str:
        """The place as people read it."""
        code = display(self.place.country, self.place.code)
        if self.address is None:
            return code
        text = self.address.text
        return text if code.replace(" ", "") in text.upper().replace(" ", "") else f"{text}, {code}"

    @property
    def query(self) -> str:
        """The same choice as a query string."""
        query = QueryDict(mutable=True)
        query.setlist("offering", [str(one.pk) for one in self.offerings])
        query["place"] = str(self.place.pk)
        if self.address:
            query["address"] = str(self.address.pk)
        return query.urlencode()


def _ids(values: list[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 16][:MOST_OFFERS]


def choice_of(request: UserRequest) -> Choice | None:
    """The choice that the address of the page names; None without one. Raises Http404 for what is not visible."""
    ids = _ids(request.GET.getlist("offering"))
    places, addresses = _ids([request.GET.get("place", "")]), _ids([request.GET.get("address", "")])
    if not ids:
        return None
    visible = Operator.objects.visible_to(request.user)
    found = {
        row.pk: row
        for row in Offering.objects.select_related("operator__organisation").filter(pk__in=ids, operator__in=visible)
    }
    address = Address.objects.filter(pk__in=addresses).first() if addresses else None
    place = Place.objects.filter(pk__in=places).first() if places else None
    if place is None and address is not None:
        place = Place.objects.filter(country=address.country, code=address.postcode).first()
    if place is None or set(ids) - set(found) or (addresses and address is None):
        raise Http404("There is no such offer or place.")
    return Choice([found[pk] for pk in dict.fromkeys(ids)], place, address)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: UserRequest) -> HttpResponse:
    """Order the chosen offer here."""
    permit(request.user, "order.write")
    choice = choice_of(request)
    if choice is None:
        return render(request, "ofx/orders/choose_first.html", {"title": "New order"})
    return _form(request, choice, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: UserRequest, reference: str) -> HttpResponse:
    """Go on with a draft."""
    order = writable(request, reference)
    if order.state not in ("draft", "validated"):
        messages.warning(request, "This order was sent already; ask for a change on its page.")
        return redirect(order)
    choice = choice_of(request) or _kept(order)
    if choice is None:
        messages.info(request, "This order names no offer or place that we know: choose them.")
        return redirect("order-complete", reference)
    return _form(request, choice, order)


def _kept(order: Order) -> Choice | None:
    """What a draft holds; None where it has no offer or no place."""
    items = order.items.select_related("offering__operator__organisation")
    chosen = [item.offering for item in items if item.added_by_rule_id is None]
    place = order.place or Place.objects.filter(country=order.country, code=order.postcode).first()
    return Choice(chosen, place, order.address) if chosen and place else None


def _form(request: UserRequest, choice: Choice, draft: Order | None) -> HttpResponse:
    organisation = request.user.acting.organisation  # type: ignore[union-attr]
    at = now()
    given: dict[str, Any] = {
        "organisation": organisation,
        "offerings": choice.offerings,
        "today": timezone.localdate(at),
    }
    if request.method == "POST":
        form = OrderForm(request.POST, **given)
        if form.is_valid():
            alike = _alike(request, choice, draft, form)
            if alike:
                context = _context(organisation, choice, draft, form) | {"alike": alike}
                return render(request, "ofx/orders/form.html", context, status=409)
            try:
                return _place(request, choice, draft, form)
            except OrderInvalid as error:
                _blame(form, error)
    else:
        form = OrderForm(initial=initial_of(draft) if draft else None, **given)
    return render(request, "ofx/orders/form.html", _context(organisation, choice, draft, form), status=_status(form))


def _alike(request: UserRequest, choice: Choice, draft: Order | None, form: OrderForm) -> list[Likeness]:
    """What is there already and looks the same, unless the person has seen it and orders anyway, or keeps a draft."""
    if request.POST.get("anyway") or request.POST.get("act") == "draft":
        return []
    organisation = request.user.acting.organisation  # type: ignore[union-attr]
    key = form.cleaned_data["idempotency_key"]
    if key and Order.objects.filter(organisation=organisation, idempotency_key=key).exists():
        return []  # the same click once more
    return likely_duplicates(
        organisation=organisation,
        customer=form.cleaned_data["customer"],
        postcode=choice.place.code,
        address_id=choice.address.pk if choice.address else None,
        offerings=choice.offerings,
        but=draft.pk if draft else None,
    )


def _status(form: OrderForm) -> int:
    return 422 if form.is_bound and form.errors else 200


def _blame(form: OrderForm, error: OrderInvalid) -> None:
    for problem in error.problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)


def _place(request: UserRequest, choice: Choice, draft: Order | None, form: OrderForm) -> HttpResponse:
    """Everything or nothing: an order that may not be sent leaves no draft behind unless that was asked for."""
    data, at, actor = form.cleaned_data, now(), request.user
    organisation = request.user.acting.organisation  # type: ignore[union-attr]
    if request.POST.get("act") != "draft":
        _ask_again(request, choice)
    with transaction.atomic():
        customer = data["customer"] or actions.create_customer(
            actor=actor, organisation=organisation, name=data["new_customer"], at=at
        )
        order = _write(actor, organisation, customer, choice, draft, data, at)
        if request.POST.get("act") != "draft":
            order = actions.submit_order(actor=actor, order=order, at=at)
    word = "is saved as a draft" if order.state in ("draft", "validated") else "is on its way"
    messages.success(request, f"Order {order.reference} {word}.")
    return redirect(order)


def _ask_again(request: UserRequest, choice: Choice) -> None:
    """Have live answers that expired asked for again before anything is locked; who stays silent stops nothing."""
    warnings = recheck(
        organisation=request.user.acting.organisation,  # type: ignore[union-attr]
        country=choice.place.country,
        code=choice.place.code,
        address_id=choice.address.pk if choice.address else None,
        offerings=choice.offerings,
        at=now(),
    )
    for text in warnings:
        messages.warning(request, text)


def _write(
    actor: Any,
    organisation: Organisation,
    customer: Organisation,
    choice: Choice,
    draft: Order | None,
    data: Any,
    at: Any,
) -> Order:
    traits = {"scenario": data["scenario"]} if data.get("scenario") else {}
    lines = [Line(offering=one, characteristics=traits if _simulated(one) else {}) for one in choice.offerings]
    names = ("requested_date", "contact_name", "contact_phone", "contact_email", "access_notes")
    site = actions.Site(
        place_text=choice.place_text,
        postcode=choice.place.code,
        country=choice.place.country,
        place=choice.place,
        address=choice.address,
        **{name: data[name] for name in names},
    )
    ticked = data.get("related") or []
    common = {"actor": actor, "customer": customer, "lines": lines, "site": site, "at": at, "ticked": ticked}
    if draft is not None:
        return actions.revise_draft(order=draft, **common)
    return actions.create_order(
        organisation=organisation,
        idempotency_key=data["idempotency_key"],
        external_id=data["external_id"],
        **common,
    )


def _simulated(offering: Offering) -> bool:
    return offering.operator.provenance == "simulated"


def _context(organisation: Organisation, choice: Choice, draft: Order | None, form: OrderForm) -> dict[str, Any]:
    day = timezone.localdate(now())
    lines = [_priced(item, organisation, day) for item in _offered(organisation, choice, form)]
    asked = {str(value) for value in (form["related"].value() or [])} if "related" in form.fields else set()
    for line in lines:
        line["on"] = not line["optional"] or str(line["rule"].pk) in asked
    return {
        "title": f"Change {draft}" if draft else "New order",
        "question": "What is ordered, for whom, by when?",
        "choice": choice,
        "draft": draft,
        "form": form,
        "lines": lines,
        "earliest": form.earliest,
    }


def _offered(organisation: Organisation, choice: Choice, form: OrderForm) -> list[Planned]:
    """Every item that the order may hold; what only an optional one brings knows which (`comes_with`)."""
    chosen = [Line(offering=one) for one in choice.offerings]
    plan = decompose(organisation, chosen, [rule.pk for rule in form.rules])
    base = {item.line.offering.pk for item in decompose(organisation, chosen)}
    for rule in form.rules:
        brought = {item.line.offering.pk for item in decompose(organisation, chosen, [rule.pk])} - base
        for item in plan:
            if item.line.offering.pk in brought and item.rule != rule and item.comes_with is None:
                item.comes_with = rule
    return plan


def _priced(item: Planned, organisation: Organisation, day: Any) -> dict[str, Any]:
    price: Quote = quote(item.line.offering, organisation, day)
    count = item.line.quantity
    return {
        "offering": item.line.offering,
        "quantity": count,
        "rule": item.rule,
        "optional": bool(item.rule and item.rule.optional),
        "comes_with": item.comes_with,
        "one_off": price.one_off * count,
        "monthly": price.monthly * count,
        "currency": price.currency,
        "on_net": item.line.offering.operator.on_net_of_id == organisation.pk,
        "by_hand": not possible_way(operator=item.line.offering.operator, organisation=organisation),
    }


@login_required
@require_POST
def submit(request: UserRequest, reference: str) -> HttpResponse:
    """Send a draft."""
    order = writable(request, reference)
    for text in recheck_order(order=order, at=now()):
        messages.warning(request, text)
    return act(request, order, f"Order {order.reference} is on its way.", actions.submit_order, order=order, at=now())


@login_required
@require_POST
def reprice(request: UserRequest, reference: str) -> HttpResponse:
    """Take today's prices into a draft."""
    order = writable(request, reference)
    return act(request, order, "The draft has today's prices.", actions.refresh_prices, order=order, at=now())
