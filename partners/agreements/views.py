"""Pages of agreements: the list, one agreement with its rounds, what is asked for, what is offered."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Case, Q, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from ofx.core.clock import now
from ofx.core.scoping import may, permit
from ofx.core.ui.columns import Column
from ofx.core.ui.export import csv_response
from ofx.core.ui.tables import table_page
from partners.agreements import actions
from partners.agreements.forms import AskForm, OfferForm, WhyForm
from partners.agreements.models import Terms
from partners.agreements.queries import (
    coming_terms,
    lines_of,
    list_prices,
    open_terms,
    sold_by,
    terms_on,
)
from partners.agreements.regions import as_text
from partners.agreements.sheet import HEADER, as_workbook, template_rows
from partners.agreements.story import story_of
from partners.agreements.tables import TABLES
from partners.operators.models import Agreement, Operator

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SIDES = {"operator": "operator", "service_provider": "provider"}


def kind_of(request: HttpRequest) -> str:
    """The kind of organisation that the person acts for. Raises PermissionDenied for customers and for nobody."""
    acting = getattr(request.user, "acting", None)
    if acting is None or acting.organisation.kind not in TABLES:
        raise PermissionDenied("This page is for service providers and operators.")
    return str(acting.organisation.kind)


@login_required
@require_GET
def agreements(request: HttpRequest) -> HttpResponseBase:
    """With whom do we have agreements, and which of them need our answer?"""
    kind = kind_of(request)
    mine = Q(waits_for=SIDES.get(kind, "nobody"))
    rows = Agreement.objects.visible_to(request.user).select_related("operator", "organisation")
    rows = rows.annotate(mine=Case(When(mine, then=Value(True)), default=Value(False), output_field=BooleanField()))
    context = {"title": "Agreements", "question": "With whom do we have agreements, and which need our answer?",
               "buys": kind == "service_provider"}  # fmt: skip
    return table_page(request, TABLES[kind], rows, "partners/agreements/list.html", context)


def sent(request: HttpRequest) -> tuple[Any, Any]:
    """What a form is bound to: fields and files of a POST, however empty; nothing of a GET."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def agreement_or_404(request: HttpRequest, pk: int) -> Agreement:
    """One that the person's organisation is a party of."""
    rows = Agreement.objects.visible_to(request.user).select_related("operator", "organisation")
    return get_object_or_404(rows, pk=pk)


@login_required
@require_GET
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """What holds, what is asked or offered, who has to answer, and what was said so far."""
    kind = kind_of(request)
    row = agreement_or_404(request, pk)
    today = now().date()
    held, waiting = terms_on(row, today), open_terms(row)
    context = {
        "agreement": row,
        "held": held,
        "held_lines": lines_of(held, None, today),
        "waiting": waiting,
        "waiting_lines": lines_of(waiting, held, today),
        "coming": coming_terms(row, today),
        "story": story_of(row),
        "today": today,
        "other": row.operator if kind == "service_provider" else row.organisation,
        **_allowed(request, row, kind, waiting),
    }
    return render(request, "partners/agreements/agreement.html", context)


def _allowed(request: HttpRequest, row: Agreement, kind: str, waiting: Terms | None) -> dict[str, bool]:
    """Which buttons the person is shown; the actions decide again."""
    asks = kind != "operator" and may(request.user, "agreement.write")
    answers = kind != "service_provider" and may(request.user, "agreement.answer")
    alive = row.state not in Agreement.OVER
    asked = waiting is not None and waiting.state == "asked"
    offered = waiting is not None and waiting.state == "offered"
    return {
        "may_accept": asks and offered,
        "may_ask": asks and alive and not asked,
        "may_offer": answers and alive,
        "may_decline": (answers and asked) or (asks and offered),
        "may_withdraw": (asks and asked) or (answers and offered),
        "may_switch": (asks or answers) and row.state in Agreement.IN_BEING,
    }


@login_required
def new(request: HttpRequest, code: str) -> HttpResponse:
    """Ask an operator for an agreement; `area` or `regions` in the address begins the form."""
    if kind_of(request) != "service_provider":
        raise PermissionDenied("Agreements are asked for by service providers.")
    operator = get_object_or_404(Operator.objects.visible_to(request.user), code=code)
    permit(request.user, "agreement.write")
    today = now().date()
    initial = {"regions": request.GET.get("regions", "")[:200]}
    form = AskForm(*sent(request), operator=operator, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            organisation = request.user.acting.organisation  # type: ignore[union-attr]
            row = actions.ask(
                organisation=organisation,
                operator=operator,
                wish=form.wish(),
                actor=request.user,  # type: ignore[arg-type]
                at=now(),
            )
            messages.success(request, f"{operator} was asked. You are told when it answers.")
            return redirect(row)
        except actions.NotPossible as error:
            form.add_error(None, str(error))
    known = Agreement.objects.visible_to(request.user).filter(operator=operator).exclude(state__in=Agreement.OVER)
    context = {"form": form, "operator": operator, "known": known.first()}
    return render(request, "partners/agreements/ask.html", context, status=_status(form))


@login_required
def ask_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for other terms than those offered or in force."""
    kind_of(request)
    row = agreement_or_404(request, pk)
    permit(request.user, "agreement.write")
    today = now().date()
    held = terms_on(row, today) or row.terms.order_by("-number").first()
    initial = {
        "round": row.round,
        "regions": as_text(held.regions, row.operator.country) if held else "",
        "products": [str(line.offering_id) for line in held.lines.all()] if held else [],
    }
    form = AskForm(*sent(request), operator=row.operator, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_again(
                agreement=row,
                wish=form.wish(),
                round=form.cleaned_data["round"] or 0,
                actor=request.user,  # type: ignore[arg-type]
                at=now(),
            )
            messages.success(request, f"{row.operator} was asked for other terms. What holds goes on until then.")
            return redirect(row)
        except actions.NotPossible as error:
            form.add_error(None, str(error))
    context = {"form": form, "operator": row.operator, "agreement": row}
    return render(request, "partners/agreements/ask.html", context, status=_status(form))


@login_required
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with products, regions and prices: typed, or read from a file."""
    kind_of(request)
    row = agreement_or_404(request, pk)
    permit(request.user, "agreement.answer")
    moment = now()
    waiting = open_terms(row)
    asked = waiting if waiting and waiting.state == "asked" else None
    known: dict[str, Any] = {
        "operator": row.operator,
        "asked": asked,
        "held": (waiting if waiting and waiting.state == "offered" else None) or terms_on(row, moment.date()),
        "today": moment.date(),
    }
    form = OfferForm(*sent(request), initial={"round": row.round}, **known)
    read = False
    if request.method == "POST" and form.is_valid():
        if "read" in request.POST:
            form, read = OfferForm(initial=form.filled(), **known), True
        elif _offered(request, row, form, moment):
            return redirect(row)
    context = {"form": form, "agreement": row, "asked": asked, "read": read}
    return render(request, "partners/agreements/offer.html", context, status=_status(form))


def _offered(request: HttpRequest, row: Agreement, form: OfferForm, at: datetime) -> bool:
    try:
        done = actions.offer(
            agreement=row,
            proposal=form.proposal(),
            round=form.cleaned_data["round"],
            actor=request.user,  # type: ignore[arg-type]
            at=at,
        )
    except actions.NotPossible as error:
        form.add_error(None, str(error))
        return False
    in_force = done.state in Agreement.IN_BEING and not done.waits_for
    word = "The agreement is in force." if in_force else f"Offered. {row.organisation} has to accept it."
    messages.success(request, word)
    return True


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


@login_required
@require_GET
def price_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The price sheet to fill in, `kind` csv or xlsx: every product with list price and what is known so far."""
    kind_of(request)
    if kind not in ("csv", "xlsx"):
        raise Http404
    row = agreement_or_404(request, pk)
    permit(request.user, "agreement.answer")
    today = now().date()
    sold = list(sold_by(row.operator)[:500])
    held = terms_on(row, today)
    given = {line.offering_id: (line.one_off, line.monthly) for line in held.lines.all()} if held else {}
    rows = template_rows(sold, list_prices(sold, today), given, row.operator.country)  # type: ignore[arg-type]
    name = f"prices-{row.operator.code}-{row.organisation.slug}"
    if kind == "csv":
        columns = [Column(str(i), label, accessor=_cell(i)) for i, label in enumerate(HEADER)]
        return csv_response(name, columns, rows)
    response = HttpResponse(as_workbook(rows), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _cell(position: int) -> Any:
    return lambda row: row[position]


@login_required
@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One of the short acts: accept, decline, withdraw, suspend, resume, end."""
    kind_of(request)
    row = agreement_or_404(request, pk)
    form = WhyForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The day or the text makes no sense: use the fields of the page.")
        return redirect(row)
    try:
        messages.success(request, _do(act, row, form.cleaned_data, request.user, now()))
    except actions.NotPossible as error:
        messages.error(request, str(error))
    return redirect(row)


def _do(word: str, row: Agreement, data: dict[str, Any], actor: Any, at: datetime) -> str:
    """Run the act; what is said when it is done."""
    common: dict[str, Any] = {"agreement": row, "actor": actor, "at": at}
    round_ = data["round"] if data["round"] is not None else row.round
    if word == "accept":
        done = actions.accept(round=round_, **common)
        first = done.terms.filter(state="accepted").order_by("-number").values_list("starts", flat=True)[0]
        when = f"from {first:%-d %b %Y} on" if first and first > at.date() else "now"
        return f"Accepted: orders may be placed with {done.operator} under these terms {when}."
    if word in ("decline", "withdraw"):
        done = getattr(actions, word)(round=round_, why=data["why"], **common)
        return "Done. The agreement goes on as it is." if done.state in Agreement.IN_BEING else "Done."
    if word == "end":
        done = actions.end(on=data["on"] or at.date(), why=data["why"], **common)
        return "The agreement has ended." if done.state == "ended" else f"It ends on {done.ends:%-d %b %Y}."
    getattr(actions, word)(why=data["why"], **common)
    return "Suspended: no new orders until it is resumed." if word == "suspend" else "Orders can be placed again."
