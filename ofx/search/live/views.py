"""The part of the search page that asks operators live and shows their answers as they come."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.search.api import searching_organisation
from ofx.search.asking import number
from ofx.search.live.actions import ask_around
from ofx.search.live.queries import known, peers, truth
from ofx.search.live.showing import DELAYS, badge, lines
from ofx.search.places import UnknownPlace
from ofx.search.queries import qualify, spot_by_id
from ofx.search.views import here


@login_required
@require_http_methods(["GET", "POST"])
def live(request: UserRequest) -> HttpResponse:
    """POST asks whoever has no answer that holds; GET looks again. What changed comes out of band, place by place."""
    organisation = searching_organisation(request.user)
    try:
        spot = spot_by_id(number(request.GET.get("place")), number(request.GET.get("address")) or None)
    except UnknownPlace:
        return render(request, "ofx/search/live.html", {"over": True}, status=404)
    at = now()
    if request.method == "POST":
        ask_around(organisation=organisation, spot=spot, at=at)
    said = known(organisation, spot, at)
    found = lines(peers(organisation, spot.country), said, truth(organisation, at, list(said) or None))
    stamp = "-".join(f"{operator}{one.state[0]}{one.question.asked_at:%H%M%S}" for operator, one in said.items())
    turn = number(request.GET.get("n"))
    context: dict[str, Any] = {
        "lines": found,
        "stamp": stamp,
        "over": turn >= len(DELAYS) or not any(line.asked for line in found),
        "next": turn + 1,
        "delay": DELAYS[min(turn, len(DELAYS) - 1)],
        "changed": stamp != request.GET.get("v", "?"),
    }
    if context["changed"]:
        answer = qualify(organisation=organisation, at=at, spot=spot)
        context["badges"] = [(offer["id"], badge(offer["live"])) for offer in answer.offers]
    context["here"] = here(spot.as_json())
    return render(request, "ofx/search/live.html", context)
