"""The search page and its parts."""

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.core.request import UserRequest
from ofx.core.scoping import may
from ofx.search import nearest
from ofx.search.actions import save_weights
from ofx.search.api import searching_organisation
from ofx.search.asking import Asked, ask, number
from ofx.search.comparing import MOST, compare_rows
from ofx.search.filters import SORT_WORDS, arrange, narrow
from ofx.search.forms import NarrowForm, WeightsForm, weights_in
from ofx.search.places import COUNTRY_NAMES, UnknownPlace
from ofx.search.queries import Qualification, addresses_of, qualify, spot_by_id, suggest, weights_of
from ofx.search.ranking import LABELS, PARTS, Weights
from ofx.search.showing import credits_for, show

# What htmx asks for → the part of the page it gets.
PARTIALS = {"result": "ofx/search/result.html", "offers": "ofx/search/offers.html"}

GSS_CODE = re.compile(r"[EWSNLM][0-9]{8}")  # a district by its official code says nothing to a reader


@login_required
@require_GET
def search(request: UserRequest) -> HttpResponse:
    """One box, then who serves the place. htmx gets the result or the offers only."""
    organisation = searching_organisation(request.user)
    asked = ask(request.GET, organisation)
    context: dict[str, Any] = {
        "title": "Search",
        "asked": asked,
        "countries": COUNTRY_NAMES,
        "home_country": COUNTRY_NAMES.get(organisation.country, organisation.country),
        "recent_key": f"{organisation.pk}-{request.user.pk}",
    }
    if asked.spot:
        context |= _answer(request, asked, organisation)
    template = PARTIALS.get(request.headers.get("HX-Target", ""), "ofx/search/page.html")
    response = render(request, template, context)
    # A part must never be shown as the page when somebody comes back to its address.
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    patch_cache_control(response, private=True, no_store=True)
    return response


def _answer(request: UserRequest, asked: Asked, organisation: Organisation) -> dict[str, Any]:
    """The context of a result: the offers as narrowed and sorted, and everything around them."""
    saved = weights_of(organisation)
    weights = weights_in(request.GET, saved)
    answer = qualify(organisation=organisation, at=now(), spot=asked.spot, weights=weights)
    form = NarrowForm(request.GET)
    chosen, sort = form.chosen(), request.GET.get("sort", "")
    offers = arrange(narrow(answer.offers, chosen), sort)
    return {
        "answer": answer,
        "place": answer.place,
        "district": "" if GSS_CODE.fullmatch(answer.place["district"]) else answer.place["district"],
        "offers": show(offers, answer, weights),
        "summary": _summary(answer),
        "narrow": form,
        "chosen": chosen,
        "sort": sort,
        "sorts": SORT_WORDS,
        "technologies": sorted({offer["technology"] for offer in answer.offers if offer["technology"]}),
        "addresses": addresses_of(asked.spot) if asked.spot and asked.spot.keys else [],
        "here": here(answer.place),
        "asks_live": organisation.kind == "service_provider",
        "credits": credits_for(answer.place["country"]),
        "may_agree": may(request.user, "agreement.write") and organisation.kind == "service_provider",
        **_weighing(request, weights, saved),
    }


def _weighing(request: UserRequest, weights: Weights, saved: Weights) -> dict[str, Any]:
    lines = [
        {"part": part, "label": LABELS[part], "value": getattr(weights, part), "saved": getattr(saved, part)}
        for part in PARTS
    ]
    return {"weights": lines, "weights_tried": weights != saved, "may_save": may(request.user, "order.write")}


def here(place: dict[str, Any]) -> str:
    """The query that names a place again: `place=17&address=3`."""
    known = {"place": place["id"]}
    if place["address"]:
        known["address"] = place["address"]["id"]
    return urlencode(known)


def _summary(answer: Qualification) -> dict[str, Any]:
    """How many operators can be ordered from, out of how many; the missing ones counted by reason."""
    orderable = {offer["operator"]["id"] for offer in answer.offers if offer["orderable"]}
    counts: dict[str, int] = {}
    for line in answer.unavailable:
        counts[line["code"]] = counts.get(line["code"], 0) + 1
    words = {
        "no_coverage": "no coverage",
        "planned_only": "planned only",
        "no_agreement": "no agreement",
        "suspended": "suspended",
        "no_product": "no product",
        "some_premises": "some premises only",
        "refused_live": "refused live",
    }
    reasons = [f"{counts[code]} {word}" for code, word in words.items() if code in counts]
    return {"orderable": len(orderable), "all": len(orderable) + len(answer.unavailable), "reasons": reasons}


@login_required
@require_GET
def suggestions(request: UserRequest) -> HttpResponse:
    """At most ten places and addresses that the text may become."""
    organisation = searching_organisation(request.user)
    text = request.GET.get("q", "").replace("\x00", "")[:100]
    country = request.GET.get("country", "")
    known = country if country in COUNTRY_NAMES else organisation.country
    return render(request, "ofx/search/suggestions.html", {"found": suggest(known, text), "text": text.strip()})


@login_required
@require_GET
def addresses(request: UserRequest) -> HttpResponse:
    """Known addresses of a place that hold a text."""
    searching_organisation(request.user)
    text = request.GET.get("a", "").replace("\x00", "")[:100]
    try:
        spot = spot_by_id(number(request.GET.get("place")))
    except UnknownPlace:
        return render(request, "ofx/search/addresses.html", {"addresses": []})
    return render(request, "ofx/search/addresses.html", {"addresses": addresses_of(spot, text), "text": text})


@login_required
@require_GET
def around(request: UserRequest) -> JsonResponse:
    """The dots of the map around a place."""
    organisation = searching_organisation(request.user)
    try:
        spot = spot_by_id(number(request.GET.get("place")))
    except UnknownPlace as error:
        return JsonResponse({"code": "unknown_place", "reason": str(error)}, status=404)
    return JsonResponse({"place": spot.as_json(), "dots": nearest.dots(spot, organisation)})


@login_required
@require_GET
def compare(request: UserRequest) -> HttpResponse:
    """Up to four offers of one place side by side."""
    organisation = searching_organisation(request.user)
    context: dict[str, Any] = {"title": "Compare offers"}
    asked = ask(request.GET, organisation)
    if asked.spot:
        weights = weights_in(request.GET, weights_of(organisation))
        answer = qualify(organisation=organisation, at=now(), spot=asked.spot, weights=weights)
        wanted = list(dict.fromkeys(number(text) for text in request.GET.getlist("offer")))
        offers = [offer for offer in map(answer.offer, wanted[:MOST]) if offer]
        shown = show(offers, answer, weights)
        context |= {
            "place": answer.place,
            "here": here(answer.place),
            "offers": shown,
            "rows": compare_rows(shown),
            "left_out": max(0, len(wanted) - MOST),
            "credits": credits_for(answer.place["country"]),
            "may_agree": may(request.user, "agreement.write") and organisation.kind == "service_provider",
        }
    return render(request, "ofx/search/compare.html", context)


@login_required
@require_POST
def save(request: UserRequest) -> HttpResponse:
    """Keep the sliders for the tenant, and go back to where they were moved."""
    organisation = searching_organisation(request.user)
    form = WeightsForm({part: request.POST.get(f"w_{part}", "") for part in PARTS})
    if form.is_valid():
        save_weights(organisation=organisation, weights=form.weights(), actor=request.user, at=now())
        messages.success(request, f"These weights now rank every search of {organisation}.")
    else:
        first = next(iter(form.errors.items()))
        messages.error(request, f"Nothing was saved. {LABELS[first[0]]}: {first[1][0]}")
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    url = request.POST.get("next", "")
    return url if url_has_allowed_host_and_scheme(url, None) and url.startswith("/") else reverse("search")
