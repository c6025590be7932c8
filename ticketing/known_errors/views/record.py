"""One record: read, write, approve, compare versions, use for a ticket."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ofx.core.clock import now
from ofx.core.models import LogEntry
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.timeline import from_log
from ticketing.known_errors import actions
from ticketing.known_errors.forms import KnownErrorForm
from ticketing.known_errors.models import KnownError, KnownErrorVersion
from ticketing.known_errors.versions import differences
from ticketing.known_errors.views.loading import own_record, record_or_404, rights, staff_only
from ticketing.tickets.models import Ticket

SHOWN = 20
DONE = {
    "ask": "It waits for approval.",
    "approve": "Approved: it is suggested from now on.",
    "publish": "Published: customers may read it from now on.",
    "back": "It is a draft again.",
    "retire": "Retired: it is suggested no more.",
    "revive": "It is a draft again.",
    "reviewed": "Noted: it is still right.",
}


@login_required
@require_safe
def known_error(request: UserRequest, reference: str) -> HttpResponse:
    """How does this fault look, what helps, and does it work?"""
    article = record_or_404(request, reference)
    tickets = Ticket.objects.visible_to(request.user).filter(known_error_links__article=article)
    log = LogEntry.objects.visible_to(request.user).about(f"known_error:{article.pk}")[:50]
    context = {
        "title": article.reference,
        "article": article,
        "tickets": tickets.order_by("-created_at")[:SHOWN],
        "versions": article.versions.select_related("by")[:SHOWN],
        "entries": [from_log(row) for row in log],
        **rights(request, article),
    }
    return render(request, "ticketing/known_errors/record.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: UserRequest, reference: str = "") -> HttpResponse:
    """A new record, or a changed one; `publish` and `approve` also approve it in the same click."""
    staff_only(request)
    article = own_record(request, reference) if reference else KnownError()
    permit(request.user, "knowledge.write")
    organisation = request.user.acting.organisation  # type: ignore[union-attr]
    if article.pk is None:
        article.organisation = None if organisation.kind == "exchange" else organisation
    form = KnownErrorForm(request.POST if request.method == "POST" else None, instance=article, user=request.user)
    if request.method == "POST" and form.is_valid() and _keep(request, form):
        return redirect(form.instance)
    context = {
        "title": f"Change {reference}" if reference else "New known error",
        "question": "How does this fault look, and what helps?",
        "form": form,
        "article": article,
        **rights(request),
    }
    return render(request, "ticketing/known_errors/edit.html", context, status=422 if form.errors else 200)


def _keep(request: UserRequest, form: KnownErrorForm) -> bool:
    """Save, and approve where that button was pressed; what is refused stands in the form."""
    values, word = form.cleaned_data, request.POST.get("then", "")
    try:
        article = actions.save_known_error(
            article=form.save(commit=False),
            actor=request.user,
            at=now(),
            note=values["note"],
            was_version=values["was_version"],
        )
        if word in ("approve", "publish"):
            _act(request, article, word)
        messages.success(request, DONE.get(word, f"{article.reference} is kept."))
    except actions.NotPublishable as error:
        for field, told in error.problems.items():
            form.add_error(field, told)
        return False
    except (actions.Stale, IllegalTransition) as error:
        form.add_error(None, str(error))
        return False
    return True


def _act(request: UserRequest, article: KnownError, word: str) -> None:
    given: dict[str, Any] = {"article": article, "actor": request.user, "at": now()}
    why = request.POST.get("why", "")
    calls: dict[str, Any] = {
        "ask": lambda: actions.ask_for_approval(**given),
        "approve": lambda: actions.approve(**given),
        "publish": lambda: actions.approve(**given, publish_to="public"),
        "back": lambda: actions.send_back(**given, why=why),
        "retire": lambda: actions.retire(**given, why=why),
        "revive": lambda: actions.revive(**given),
        "reviewed": lambda: actions.reviewed(**given),
    }
    calls[word]()


@login_required
@require_POST
def act(request: UserRequest, reference: str, word: str) -> HttpResponse:
    """Ask for approval, approve, publish, send back, retire, revive, or say that it is still right."""
    article = own_record(request, reference)
    permit(request.user, "knowledge.approve" if word in ("approve", "publish", "back", "retire") else "knowledge.write")
    try:
        _act(request, article, word)
        messages.success(request, DONE[word])
    except actions.NotPublishable as error:
        messages.error(request, str(error))
        return redirect("known-error-edit", article.reference)
    except IllegalTransition as error:
        messages.error(request, str(error))
    return redirect(article)


@login_required
@require_safe
def version(request: UserRequest, reference: str, number: int) -> HttpResponse:
    """What changed in one version."""
    article = record_or_404(request, reference)
    row = get_object_or_404(article.versions.select_related("by"), number=number)
    before = article.versions.filter(number__lt=number).first()
    context = {
        "title": f"{article.reference}, version {number}",
        "question": "What changed, and why?",
        "article": article,
        "version": row,
        "changes": differences(before.content if before else {}, row.content),
        **rights(request, article),
    }
    return render(request, "ticketing/known_errors/version.html", context)


@login_required
@require_POST
def restore(request: UserRequest, reference: str, number: int) -> HttpResponse:
    """Bring an earlier version back as the newest."""
    article = own_record(request, reference)
    permit(request.user, "knowledge.write")
    try:
        actions.restore_version(article=article, number=number, actor=request.user, at=now())
    except KnownErrorVersion.DoesNotExist:
        raise Http404("There is no such version.") from None
    messages.success(request, f"Version {number} is the newest again.")
    return redirect(article)


def _ticket(request: UserRequest, reference: str) -> Ticket:
    staff_only(request)
    return get_object_or_404(Ticket.objects.visible_to(request.user), reference=reference)


@login_required
@require_safe
def for_ticket(request: UserRequest, reference: str) -> HttpResponse:
    """The part of a ticket's page that says what it may be; asked for after the page, which must not wait for it."""
    ticket = _ticket(request, reference)
    context = {"ticket": ticket, "may_write": may(request.user, "ticket.write")}
    return render(request, "ticketing/known_errors/for_ticket.html", context)


@login_required
@require_POST
def from_ticket(request: UserRequest, reference: str) -> HttpResponse:
    """Draft a record from a ticket, and open it to be written."""
    ticket = _ticket(request, reference)
    permit(request.user, "knowledge.write")
    article = actions.draft_from_ticket(ticket=ticket, actor=request.user, at=now())
    return redirect("known-error-edit", article.reference)


@login_required
@require_POST
def use(request: UserRequest, reference: str, ticket: str, word: str) -> HttpResponse:
    """For a ticket: this is it, applied, worked, failed, or not this one."""
    article, row = record_or_404(request, reference), _ticket(request, ticket)
    permit(request.user, "ticket.write")
    given: dict[str, Any] = {"article": article, "ticket": row, "actor": request.user, "at": now()}
    if word == "link":
        actions.link_ticket(**given)
    elif word == "unlink":
        actions.unlink_ticket(**given)
    else:
        actions.record_use(**given, outcome=word)
    there = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(there, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(there if safe else row.get_absolute_url())
