"""Sign in, switch organisation, my account, my API tokens, saved views."""

from allauth.account.views import LoginView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ofx.core.accounts import actions
from ofx.core.accounts.forms import ProfileForm, SavedViewForm, SignInForm, TokenForm
from ofx.core.accounts.middleware import SESSION_KEY
from ofx.core.accounts.models import ApiToken, Membership, SavedView
from ofx.core.clock import now
from ofx.core.request import UserRequest


class SignIn(LoginView):
    """allauth's sign-in with its rate limits, without the links to pages that we do not offer."""

    form_class = SignInForm


def _back(request: HttpRequest, default: str = "/") -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else default)


@require_POST
@login_required
def switch(request: UserRequest) -> HttpResponse:
    """Act for another of one's own organisations; anything else is 404 and changes nothing."""
    text = request.POST.get("membership", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    own = Membership.objects.filter(user=request.user.pk)
    membership = get_object_or_404(own.select_related("organisation"), pk=number)
    request.session[SESSION_KEY] = membership.pk
    messages.info(request, f"You act for {membership.organisation} now.")
    return redirect("/")


@login_required
def me(request: UserRequest) -> HttpResponse:
    """My account: how I am called, my time zone, where I may act."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(user=request.user, actor=request.user, at=now(), **form.cleaned_data)
        messages.success(request, "Your account is saved.")
        return redirect("account_me")
    mine = Membership.objects.filter(user=request.user.pk).select_related("organisation")
    return render(request, "account/me.html", {"form": form, "mine": mine, "title": "My account"})


@login_required
@never_cache
def tokens(request: UserRequest) -> HttpResponse:
    """My API tokens; a new one's secret is shown in the answer to its creation and never again."""
    form = TokenForm(request.POST or None, user=request.user)
    secret = ""
    if request.method == "POST" and form.is_valid():
        _, secret = actions.issue_token(**form.cleaned_data, actor=request.user, at=now())
        form = TokenForm(user=request.user)
    own = ApiToken.objects.filter(membership__user=request.user.pk)
    rows = own.select_related("membership__organisation").order_by("revoked_at", "-created_at")
    context = {"form": form, "secret": secret, "tokens": rows, "title": "My API tokens"}
    return render(request, "account/tokens.html", context)


@require_POST
@login_required
def revoke(request: UserRequest, pk: int) -> HttpResponse:
    """Revoke one of my tokens; anyone else's is 404."""
    own = ApiToken.objects.filter(membership__user=request.user.pk).select_related("membership")
    token = get_object_or_404(own, pk=pk)
    actions.revoke_token(token=token, actor=request.user, at=now())
    messages.info(request, f"{token} is revoked: requests with it are refused from now on.")
    return redirect("account_tokens")


@require_POST
@login_required
def add_view(request: UserRequest) -> HttpResponse:
    """Keep a list's filter under a name; the same name replaces the old filter."""
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        why = " ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        messages.error(request, f"The view was not saved. {why}")
        return _back(request)
    view = actions.save_view(user=request.user, at=now(), **form.cleaned_data)
    undo = reverse("saved_view_delete", args=[view.pk])
    messages.success(request, f"View “{view.name}” is saved.", extra_tags=f"undo:{undo}")
    return redirect(f"{view.path}?{view.query}" if view.query else view.path)


@require_POST
@login_required
def delete_view(request: UserRequest, pk: int) -> HttpResponse:
    """Remove one of my saved views; anyone else's is 404."""
    own = SavedView.objects.visible_to(request.user).filter(user=request.user.pk)
    view = get_object_or_404(own, pk=pk)
    path = view.path
    actions.delete_view(view=view, actor=request.user, at=now())
    messages.info(request, f"View “{view.name}” is gone.")
    return redirect(path)
