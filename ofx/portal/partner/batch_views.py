"""Answers by file: down with what needs an answer, up with the answers, looked at before anything is given."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.ui.columns import Column
from ofx.core.ui.export import csv_response
from ofx.orders.answers import REASONS
from ofx.portal.partner import batch, queries
from ofx.portal.partner.door import operator_only
from ofx.portal.partner.forms import AnswersFileForm
from partners.coverage.normalise import display
from partners.coverage.reading import ReadError
from partners.coverage.uploads import bound, was_too_large

HOUR = 3600
MOST_BYTES = 5_000_000
TOO_LARGE = "The file is larger than 5 MB and was not kept. Send it in parts."


def _column(key: str, accessor: Any = "") -> Column:
    return Column(key, key, accessor=accessor)


DOWN = (
    _column("our_key"),
    _column("provider", "order.organisation.name"),
    _column("action", "item.action"),
    _column("product", "item.offering.name"),
    _column("quantity", "item.quantity"),
    _column("address", "order.place_text"),
    _column("postcode", lambda row: display(row.order.country, row.order.postcode)),
    _column("contact", "order.contact_name"),
    _column("contact_phone", "order.contact_phone"),
    _column("access_notes", "order.access_notes"),
    _column("wanted_by", "crd"),
    _column("committed", "committed_date"),
    _column("target", "target_date"),
    _column("state", lambda row: queries.STATE_LOOK[row.state][0]),
    _column("needs", lambda row: queries.ASKS[row.ask][0]),
    _column("since", "since"),
    # What is filled in
    _column("answer", lambda row: ""),
    _column("date", lambda row: ""),
    _column("reason", lambda row: ""),
    _column("text", lambda row: ""),
    _column("reference", "partner_ref"),
)


@login_required
@require_safe
def download(request: UserRequest) -> HttpResponseBase:
    """What needs an answer, with columns to fill in."""
    operator_only(request)
    rows = queries.waiting(request.user, timezone.localdate(now()))
    return csv_response("to-answer", DOWN, rows.iterator(chunk_size=500))


@csrf_exempt  # the bounded upload handler must be set before anything reads the body; then the check runs
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: UserRequest) -> HttpResponse:
    """A file of answers, and what would become of each row."""
    bound(request)
    return _upload(request)


@csrf_protect
def _upload(request: UserRequest) -> HttpResponse:
    operator_only(request)
    permit(request.user, "partner_order.answer")
    form = AnswersFileForm()
    if request.method == "POST":
        cut_off = was_too_large(request)
        form = AnswersFileForm(request.POST, request.FILES)
        given = _read(form, cut_off)
        if given:
            return _preview(request, given, form.cleaned_data["file"].name)
    status = 200 if not form.is_bound else 422
    return render(request, "ofx/portal/partner/answers.html", _context(form=form), status=status)


def _read(form: AnswersFileForm, cut_off: bool) -> list[batch.Given]:
    """The rows that hold an answer; none where the form says why not."""
    if not form.is_valid():
        return []
    file = form.cleaned_data["file"]
    if cut_off or file.size > MOST_BYTES:
        form.add_error("file", TOO_LARGE)
        return []
    with tempfile.NamedTemporaryFile(suffix=Path(file.name).suffix) as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        try:
            found = batch.read(Path(copy.name))
        except ReadError as error:
            form.add_error("file", str(error))
            return []
    if not found:
        form.add_error("file", "No row holds an answer: fill in the column “answer”.")
    return found


def _context(**more: Any) -> dict[str, Any]:
    return {
        "title": "Answers by file",
        "words": batch.answer_words(),
        "reasons": REASONS.items(),
        "most": batch.MOST_ROWS,
        **more,
    }


def _salt(request: UserRequest) -> str:
    return f"ofx.partner.answers.{request.user.pk}"


def _preview(request: UserRequest, given: list[batch.Given], name: str) -> HttpResponse:
    """Nothing is written yet: the rows travel signed in the page, for this person and an hour."""
    outcomes = batch.judged(request.user, given, now())
    packed = signing.dumps([one.packed for one in given], salt=_salt(request), compress=True)
    counts = {name: sum(one.result == name for one in outcomes) for name in ("ready", "known", "refused")}
    context = _context(outcomes=outcomes, packed=packed, name=name, step="preview", **counts)
    return render(request, "ofx/portal/partner/answers.html", context)


@login_required
@require_POST
def send(request: UserRequest) -> HttpResponse:
    """Give the answers that were looked at; each for itself."""
    operator_only(request)
    permit(request.user, "partner_order.answer")
    try:
        packed = signing.loads(request.POST.get("packed", ""), salt=_salt(request), max_age=HOUR)
        given = [batch.Given.unpacked(one) for one in packed]
    except (signing.BadSignature, TypeError, ValueError):
        form = AnswersFileForm({})
        form.add_error("file", "This look at the file is over an hour old. Choose the file again; nothing was sent.")
        return render(request, "ofx/portal/partner/answers.html", _context(form=form), status=422)
    outcomes = list(batch.apply(request.user, given, now(), "csv"))
    counts = {name: sum(one.result == name for one in outcomes) for name in ("given", "known", "refused")}
    context = _context(outcomes=outcomes, step="done", **counts)
    return render(request, "ofx/portal/partner/answers.html", context)
