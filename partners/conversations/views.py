"""Messages, conversations and endpoints: what went where, what came back, what is stuck and why."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages as toasts
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ofx.core.audit.models import LogEntry
from ofx.core.clock import now
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.tables import table_page
from ofx.core.ui.timeline import from_log, merge
from partners.connectors.registry import APIS, connector_for
from partners.conversations import actions
from partners.conversations.forms import EndpointForm, UploadForm
from partners.conversations.models import Conversation, Endpoint, Leg, Message
from partners.conversations.queries import (
    as_entries,
    endpoint_rows,
    health,
    inbound_of,
    look,
    message_of,
    message_rows,
    outbound_of,
    sides,
    title_of,
    traffic,
)
from partners.conversations.tables import EndpointTable, MessageTable
from partners.mapping.entities import ENTITIES, word

MOST_ATTEMPTS = 30


def _integrators_only(user: Any) -> None:
    """Raise PermissionDenied for customers and operators: these lists are not for them, not merely empty."""
    if user.acting is None or user.acting.organisation.kind not in {"service_provider", "exchange"}:
        raise PermissionDenied("Messages and endpoints belong to service providers and the exchange.")


@login_required
@require_GET
def message_list(request: HttpRequest) -> HttpResponseBase:
    """What went to operators, what came back, and what is stuck?"""
    _integrators_only(request.user)
    context = {"title": "Messages", "question": "What went to operators, what came back, and what is stuck?"}
    return table_page(request, MessageTable, message_rows(request.user), "partners/messages/list.html", context)


@login_required
@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """In on the left, out on the right, what the partner understood otherwise, and every attempt."""
    row = message_of(request.user, pk)
    if row is None:
        raise Http404
    mine = Message.objects.visible_to(request.user)
    log = LogEntry.objects.visible_to(request.user).filter(subject=f"message:{row.pk}").order_by("-pk")
    context = {
        "message": row,
        "title": f"Message {row.pk}",
        "words": title_of(row),
        "look": look(row, now()),
        "inbound": inbound_of(row),
        "outbound": outbound_of(row),
        "attempts": row.attempts.order_by("-number")[:MOST_ATTEMPTS],
        "parts": mine.filter(caused_by=row).select_related("leg").order_by("pk")[:50],
        "history": [from_log(entry) for entry in log[:50]],
        "may_write": may(request.user, "message.write"),
        "acts": _acts(row),
    }
    return render(request, "partners/messages/message.html", context)


def _acts(row: Message) -> set[str]:
    """What can be done with a message in its state."""
    if row.direction == "out":
        waiting = {"retry", "skip", "cancel"}
        return waiting if row.state in ("queued", "failed") else set()
    readable = row.verb != "part" and row.state not in ("stored", "rejected") and row.forgotten_at is None
    return {"replay"} if readable else set()


ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "retry": (actions.retry, "It is tried again now."),
    "skip": (actions.skip, "Skipped: later messages of this case go on."),
    "cancel": (actions.cancel_message, "Cancelled: it will not be sent."),
    "replay": (actions.replay, "The payload is read again."),
}


@login_required
@require_POST
def message_act(request: HttpRequest, pk: int, act: str) -> HttpResponseRedirect:
    """Retry, skip, cancel or replay."""
    row = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    action, words = ACTS[act]
    try:
        done = action(message=row, actor=request.user, at=now())
        toasts.success(request, words)
        return redirect(done)
    except IllegalTransition as error:
        toasts.error(request, str(error))
        return redirect(row)


@login_required
@require_GET
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """One case with everybody who was told of it."""
    row = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    context = {
        "conversation": row,
        "title": f"Conversation about {row.subject.replace(':', ' ')}",
        "sides": sides(row, request.user, now()),
        "may_write": may(request.user, "message.write"),
    }
    return render(request, "partners/conversations/conversation.html", context)


@login_required
@require_POST
def leg_settle(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """A person has looked at the case: the mark goes."""
    leg = get_object_or_404(Leg.objects.visible_to(request.user).select_related("conversation"), pk=pk)
    actions.settle_attention(leg=leg, actor=request.user, at=now())
    toasts.success(request, "Settled.")
    return redirect(leg.conversation)


@login_required
@require_POST
def leg_refresh(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Ask the partner for this case now."""
    leg = get_object_or_404(Leg.objects.visible_to(request.user).select_related("conversation", "endpoint"), pk=pk)
    permit(request.user, "message.write")
    actions.refresh(leg=leg, at=now())
    toasts.success(request, f"{leg.endpoint.name} is asked.")
    return redirect(leg.conversation)


@login_required
@require_GET
def endpoint_list(request: HttpRequest) -> HttpResponseBase:
    """Which ways lead to others' systems, and does each work?"""
    _integrators_only(request.user)
    context = {"title": "Ways to other systems", "question": "Which ways lead to others' systems, and does each work?"}
    return table_page(request, EndpointTable, endpoint_rows(request.user), context=context)


@login_required
@require_GET
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """State, queue, last signs of life, and what the last test found."""
    row = _endpoint(request, pk)
    return _endpoint_page(request, row, UploadForm())


def _endpoint(request: HttpRequest, pk: int) -> Endpoint:
    rows = Endpoint.objects.visible_to(request.user).select_related("operator", "customer", "organisation")
    return get_object_or_404(rows, pk=pk)


def _endpoint_page(request: HttpRequest, row: Endpoint, form: UploadForm, status: int = 200) -> HttpResponse:
    recent = message_rows(request.user).filter(endpoint=row).order_by("-pk")[:30]
    log = LogEntry.objects.visible_to(request.user).filter(subject=f"endpoint:{row.pk}").order_by("-pk")[:30]
    user: Any = request.user
    own = row.organisation_id is not None or user.acting.organisation.kind == "exchange"
    context = {
        "endpoint": row,
        "title": row.name,
        "health": health(row, now()),
        "traffic": traffic(row),
        "endpoint_key": str(row.pk),
        "upload": form,
        "entries": merge(as_entries(recent), map(from_log, log)),
        "may_change": own and may(request.user, "endpoint.write"),
        "may_test": may(request.user, "endpoint.write"),
        "may_write": may(request.user, "message.write"),
        "connector": connector_for(row.kind),
        "apis": APIS,
        "spoken": ", ".join(f"{word(entity)}s" for entity in ENTITIES if row.speaks(entity)),
    }
    return render(request, "partners/endpoints/endpoint.html", context, status=status)


@login_required
@require_POST
def endpoint_suspend(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Stop sending; keep receiving and queueing."""
    row = _endpoint(request, pk)
    _change(
        request, lambda: actions.suspend(endpoint=row, actor=request.user, at=now()), "Suspended: the queue is kept."
    )
    return redirect(row)


@login_required
@require_POST
def endpoint_resume(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Send again, in order."""
    row = _endpoint(request, pk)
    _change(request, lambda: actions.resume(endpoint=row, actor=request.user, at=now()), "Active: the queue goes out.")
    return redirect(row)


def _change(request: HttpRequest, act: Callable[[], object], words: str) -> None:
    try:
        act()
        toasts.success(request, words)
    except IllegalTransition as error:
        toasts.error(request, str(error))


@login_required
@require_POST
def endpoint_test(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Test the connection: credentials, permissions, clock."""
    row = _endpoint(request, pk)
    found = actions.probe(endpoint=row, actor=request.user, at=now())
    bad = [line["name"] for line in found if not line["ok"]]
    if bad:
        toasts.error(request, f"Not well: {', '.join(bad)}.")
    else:
        toasts.success(request, "All well.")
    return redirect(row)


@login_required
@require_http_methods(["GET", "POST"])
def endpoint_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """How it is reached."""
    row = _endpoint(request, pk)
    actions.permit_endpoint(endpoint=row, actor=request.user)
    form = EndpointForm(request.POST or None, instance=_endpoint(request, pk))
    if request.method == "POST" and form.is_valid():
        actions.change_endpoint(endpoint=row, actor=request.user, at=now(), values=form.cleaned_data)
        toasts.success(request, "Changed. Test the connection now.")
        return redirect(row)
    context = {"endpoint": row, "title": f"Change {row.name}", "form": form}
    return render(request, "partners/endpoints/edit.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def endpoint_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in a file of updates; only partners by e-mail send such."""
    row = _endpoint(request, pk)
    if row.kind != "email":
        raise Http404
    permit(request.user, "message.write")
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _endpoint_page(request, row, form, 400)
    file = form.cleaned_data["file"]
    stored = actions.upload(endpoint=row, raw=file.read(), name=file.name, actor=request.user, at=now())
    toasts.success(request, "The file was seen before." if stored.state == "duplicate" else "The file is being read.")
    return redirect(stored)
