"""What the desk's administrator sets up: macros, checklists, what each partner demands; the priority matrix shown."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.orders.views.board import orderable
from partners.models import Operator
from ticketing.tickets.actions import desk_setup as actions
from ticketing.tickets.desk_replies import PLACEHOLDERS
from ticketing.tickets.forms import MacroForm, RulesForm
from ticketing.tickets.models import FaultRules, Macro, SopTemplate
from ticketing.tickets.views.acts import GET_OR_POST, posted
from ticketing.tickets.views.loading import REFUSALS, blame, refusal, staff_only
from ticketing.tickets.vocabulary import PRIORITY, FaultClass, Impact, Severity

SPARE_STEPS = 3  # empty lines at the end of a checklist's form


def _mine(request: UserRequest, row: Any) -> bool:
    """Whether the acting organisation may change the row: its own; those for all are the exchange's."""
    acting = request.user.acting
    owner = None if acting and acting.organisation.kind == "exchange" else acting and acting.organisation_id
    return may(request.user, "desk.configure") and row.organisation_id == owner


@login_required
@require_safe
def setup(request: UserRequest) -> HttpResponse:
    """Which macros, checklists and partner rules does the desk work with?"""
    staff_only(request)
    macros = list(Macro.objects.visible_to(request.user).order_by("name"))
    for row in macros:
        row.mine = _mine(request, row)  # type: ignore[attr-defined]
    rules_known = _rules(request)
    context = {
        "title": "Desk set-up",
        "question": "Which macros, checklists and partner rules does the desk work with?",
        "macros": macros,
        "classes": _checklists(request),
        "rules": rules_known,
        "others": orderable(request).exclude(pk__in=[one["rules"].operator_id for one in rules_known])[:40],
        "severities": Severity.choices,
        "matrix": [
            (label, [PRIORITY[severity, impact] for severity in Severity.values]) for impact, label in Impact.choices
        ],
        "may_write": may(request.user, "desk.configure"),
    }
    return render(request, "ticketing/tickets/setup.html", context)


def _checklists(request: UserRequest) -> list[dict[str, Any]]:
    """Every class with the version that new tickets take, and the open draft."""
    rows = list(SopTemplate.objects.visible_to(request.user).order_by("-version"))
    acting = request.user.acting
    own = None if acting and acting.organisation.kind == "exchange" else acting and acting.organisation_id
    found = []
    for code, label in FaultClass.choices:
        of_class = [row for row in rows if row.fault_class == code]
        live = sorted((row for row in of_class if row.published_at), key=lambda row: row.organisation_id is None)
        draft = next((row for row in of_class if not row.published_at and row.organisation_id == own), None)
        found.append({"code": code, "label": label, "live": live[0] if live else None, "draft": draft})
    return found


def _rules(request: UserRequest) -> list[dict[str, Any]]:
    """Operators with rules; the tenant's own rules before those for all."""
    rows = FaultRules.objects.visible_to(request.user).select_related("operator")
    by_operator: dict[int, FaultRules] = {}
    for row in rows.order_by("operator__name", "organisation_id"):
        by_operator.setdefault(row.operator_id, row)
    return [{"rules": row, "mine": _mine(request, row)} for row in by_operator.values()]


@login_required
@require_http_methods(GET_OR_POST)
def macro(request: UserRequest, number: int | None = None) -> HttpResponse:
    """A macro: what it says, to whom, by which keys."""
    staff_only(request)
    row = get_object_or_404(Macro.objects.visible_to(request.user), pk=number) if number else Macro()
    permit(request.user, "desk.configure")
    form = MacroForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        saved = _try(form, lambda: actions.save_macro(actor=request.user, macro=form.save(commit=False), at=now()))
        if saved:
            messages.success(request, "The macro is kept.")
            return redirect("ticket-setup")
    context = {"title": row.name or "New macro", "form": form, "macro": row, "placeholders": PLACEHOLDERS.items(),
               "mine": not row.pk or _mine(request, row)}  # fmt: skip
    return render(request, "ticketing/tickets/macro.html", context, status=422 if form.errors else 200)


def _try(form: forms.BaseForm, action: Any) -> bool:
    """Run the action; its refusal stands in the form."""
    try:
        action()
    except REFUSALS as error:
        blame(form, error)  # type: ignore[arg-type]
        return False
    return True


@login_required
@require_POST
def macro_delete(request: UserRequest, number: int) -> HttpResponse:
    """Remove a macro."""
    row = get_object_or_404(Macro.objects.visible_to(request.user), pk=number)
    staff_only(request)
    actions.delete_macro(actor=request.user, macro=row, at=now())
    messages.success(request, "The macro is gone.")
    return redirect("ticket-setup")


@login_required
@require_http_methods(GET_OR_POST)
def checklist(request: UserRequest, fault_class: str) -> HttpResponse:
    """Which steps does a fault of this class take?"""
    staff_only(request)
    if fault_class not in FaultClass.values:
        raise Http404
    rows = SopTemplate.objects.visible_to(request.user).filter(fault_class=fault_class)
    if request.method == "POST":
        return _write_checklist(request, fault_class)
    versions = list(rows.select_related("created_by").order_by("-organisation_id", "-version"))
    draft = next((row for row in versions if not row.published_at and _mine(request, row)), None)
    context = {
        "title": f"Steps: {FaultClass(fault_class).label}",
        "question": "Which steps does a fault of this class take?",
        "fault_class": fault_class,
        "draft": draft,
        "rows": [*(draft.steps if draft else []), *({} for _ in range(SPARE_STEPS))],
        "versions": [row for row in versions if row.published_at],
        "wants": [("none", "No evidence"), ("text", "In words"), ("file", "A file"), ("test", "A test")],
        "may_write": may(request.user, "desk.configure"),
    }
    return render(request, "ticketing/tickets/checklist_page.html", context)


def _write_checklist(request: UserRequest, fault_class: str) -> HttpResponse:
    """Begin a version, keep the draft, or publish it."""
    permit(request.user, "desk.configure")
    word, at = request.POST.get("do", ""), now()
    try:
        draft = actions.draft_sop(actor=request.user, fault_class=fault_class, at=at)
        if word in ("keep", "publish"):
            title = request.POST.get("title", "")
            actions.save_sop(actor=request.user, template=draft, title=title, steps=_steps(request), at=at)
        if word == "publish":
            actions.publish_sop(actor=request.user, template=draft, at=at)
        text = {"publish": "Published: new tickets take it.", "keep": "The draft is kept."}.get(word, "")
        if text:
            messages.success(request, text)
    except REFUSALS as error:
        messages.error(request, refusal(error))
    return redirect("ticket-checklist", fault_class)


def _steps(request: UserRequest) -> list[dict[str, Any]]:
    """The lines of the form."""
    titles, helps = request.POST.getlist("step"), request.POST.getlist("help")
    wants = request.POST.getlist("evidence")
    must, theirs = set(request.POST.getlist("mandatory")), set(request.POST.getlist("by_partner"))
    return [
        {
            "title": title,
            "help": helps[index] if index < len(helps) else "",
            "evidence": wants[index] if index < len(wants) else "none",
            "mandatory": str(index) in must,
            "by": "partner" if str(index) in theirs else "desk",
        }
        for index, title in enumerate(titles[:100])
    ]


@login_required
@require_http_methods(GET_OR_POST)
def rules(request: UserRequest, code: str) -> HttpResponse:
    """What does this partner demand before it takes a fault?"""
    staff_only(request)
    operator = get_object_or_404(Operator.objects.visible_to(request.user), code=code)
    permit(request.user, "desk.configure")
    known = list(FaultRules.objects.visible_to(request.user).filter(operator=operator).order_by("organisation_id"))
    own = next((row for row in known if _mine(request, row)), None)
    row = own or _copied(known[0] if known else None, operator)
    form = RulesForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        saved = _try(form, lambda: actions.save_rules(actor=request.user, rules=form.save(commit=False), at=now()))
        if saved:
            messages.success(request, f"The rules for {operator} are kept.")
            return redirect("ticket-setup")
    context = {"title": f"Faults at {operator}", "form": form, "operator": operator, "shared": own is None and known}
    return render(request, "ticketing/tickets/rules_form.html", context, status=422 if form.errors else 200)


def _copied(base: FaultRules | None, operator: Operator) -> FaultRules:
    """New rules of one's own, begun as a copy of those for all."""
    if base is None:
        return FaultRules(operator=operator)
    return FaultRules(
        operator=operator, required=base.required, max_lengths=base.max_lengths, test_required=base.test_required,
        test_max_age_minutes=base.test_max_age_minutes, green_blocks=base.green_blocks,
        barring_codes=base.barring_codes, ticket_url=base.ticket_url,
    )  # fmt: skip
