"""The page of a provider's administrator: keys, pages that may embed it, what to copy, how it looks."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.secrets import mask
from ofx.portal.widget import actions
from ofx.portal.widget.forms import OriginsForm
from ofx.portal.widget.models import WidgetKey, WidgetSite
from ofx.portal.widget.snippets import snippets
from ofx.portal.widget.tokens import sign

SHOWN = 20  # keys, and customers to look as


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: UserRequest) -> HttpResponse:
    """What do we copy to put help into our own portal? A POST saves where it may stand."""
    permit(request.user, "widget.write")
    if request.method != "POST":
        return _page(request)
    form = OriginsForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    home = _home(request)
    actions.allow_origins(organisation=home, origins=form.cleaned_data["origins"], actor=request.user, at=now())
    messages.success(request, "Saved. Browsers may keep the old list for ten minutes.")
    return redirect("widget")


def _home(request: UserRequest) -> Organisation:
    acting: Any = request.user.acting
    found: Organisation = acting.organisation
    return found


def _page(request: UserRequest, *, form: OriginsForm | None = None, made: tuple[WidgetKey, str] | None = None) -> Any:
    at, home = now(), _home(request)
    keys = list(WidgetKey.objects.visible_to(request.user).select_related("created_by", "organisation")[:SHOWN])
    site = WidgetSite.objects.visible_to(request.user).first()
    newest = next((key for key in keys if key.state_at(at) == "valid"), None)
    context = {
        "title": "Widget",
        "question": "What do we copy to put help into our own portal?",
        "form": form or OriginsForm({"origins": "\n".join(site.origins)} if site else None),
        "bound": form is not None,
        "keys": [(key, *WidgetKey.STATE_LOOK[key.state_at(at)], mask(f"{'•' * 8}{key.hint}")) for key in keys],
        "newest": newest,
        "secret": made[1] if made else "",
        "snippets": snippets(issuer=home.slug, key=newest.key_id if newest else ""),
        "provider": home,
        **_preview(request, newest),
    }
    return render(request, "ofx/widget/page.html", context, status=422 if form is not None else 200)


def _preview(request: UserRequest, key: WidgetKey | None) -> dict[str, Any]:
    """The widget as one of the provider's customers would see it; nothing that is done in it counts."""
    rows = Organisation.objects.visible_to(request.user).filter(kind="customer", active=True).order_by("name")
    customers = list(rows[:SHOWN])
    chosen = rows.filter(slug=request.GET.get("customer", "").replace("\x00", "")).first()
    chosen = chosen or (customers[0] if customers else None)
    if key is None or chosen is None:
        return {"customers": customers, "chosen": chosen, "token": ""}
    claims = {"sub": "preview", "customer": chosen.slug, "name": "Preview", "preview": True}
    return {"customers": customers, "chosen": chosen, "token": sign(claims, key=key, at=now())}


@login_required
@never_cache
@require_POST
def new_key(request: UserRequest) -> HttpResponse:
    """Make a key, or a newer one; its secret is shown this once."""
    permit(request.user, "widget.write")
    made = actions.make_key(organisation=_home(request), actor=request.user, at=now())
    answer: HttpResponse = _page(request, made=made)
    return answer


@login_required
@require_POST
def revoke(request: UserRequest, pk: int) -> HttpResponse:
    """End a key at once."""
    key = get_object_or_404(WidgetKey.objects.visible_to(request.user), pk=pk)
    permit(request.user, "widget.write")
    actions.revoke_key(key=key, actor=request.user, at=now())
    messages.info(request, f"{key.key_id} is revoked: what it signed is refused from now on.")
    return redirect("widget")
