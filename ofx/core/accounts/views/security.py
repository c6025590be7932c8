"""How an organisation's people sign in: second factor required, and the organisation's own provider."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ofx.core.accounts import actions
from ofx.core.accounts.models import Membership, Organisation, SingleSignOn
from ofx.core.accounts.people_forms import FactorForm, SignOnForm
from ofx.core.accounts.queries import managed_organisations, with_sign_in
from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit


def _organisation(request: UserRequest, slug: str) -> Organisation:
    """An organisation whose people one manages; what one sees but does not manage is 403, the rest 404."""
    row: Organisation = get_object_or_404(Organisation.objects.visible_to(request.user), slug=slug)
    permit(request.user, "member.write")
    return get_object_or_404(managed_organisations(request.user), pk=row.pk)


@login_required
@never_cache
def security(request: UserRequest, slug: str) -> HttpResponse:
    """How do our people sign in?"""
    organisation = _organisation(request, slug)
    return _page(request, organisation, _form(organisation))


def _form(organisation: Organisation, data: object = None) -> SignOnForm:
    present = SingleSignOn.objects.filter(organisation=organisation).first()
    return SignOnForm(data, organisation=organisation, instance=present)  # type: ignore[arg-type]


def _page(request: UserRequest, organisation: Organisation, form: SignOnForm) -> HttpResponse:
    door = SingleSignOn.objects.filter(organisation=organisation).first()
    people = with_sign_in(Membership.objects.filter(organisation=organisation, user__is_service=False))
    since = organisation.second_factor_from
    context = {
        "organisation": organisation,
        "form": form,
        "door": door,
        "callback": settings.OFX_BASE_URL + reverse("openid_connect_callback", args=[door.key]) if door else "",
        "factor": FactorForm(initial={"since": "never" if since is None else "now"}),
        "without": people.exclude(factor=True).count(),
        "people": people.count(),
        "title": f"Sign-in of {organisation}",
    }
    return render(request, "account/security.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def require_factor(request: UserRequest, slug: str) -> HttpResponse:
    """Require a second factor, or no longer."""
    organisation = _organisation(request, slug)
    form = FactorForm(request.POST)
    if form.is_valid():
        since = form.moment(now())
        actions.require_second_factor(organisation=organisation, since=since, actor=request.user, at=now())
        messages.success(request, "Saved.")
    else:
        messages.error(request, "Choose one of the four answers.")
    return redirect("security", slug=slug)


@require_POST
@login_required
def configure(request: UserRequest, slug: str) -> HttpResponse:
    """Set up the organisation's provider."""
    organisation = _organisation(request, slug)
    form = _form(organisation, request.POST)
    if form.is_valid():
        try:
            fields = form.given()
            actions.configure_sign_on(organisation=organisation, fields=fields, actor=request.user, at=now())
        except actions.NotPossible as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved. Try it in a private window before you tell anybody.")
            return redirect("security", slug=slug)
    return _page(request, organisation, form)


@require_POST
@login_required
def remove(request: UserRequest, slug: str) -> HttpResponse:
    """Forget the organisation's provider."""
    organisation = _organisation(request, slug)
    actions.remove_sign_on(organisation=organisation, actor=request.user, at=now())
    messages.info(request, "The organisation's sign-in is removed; passwords work again.")
    return redirect("security", slug=slug)
