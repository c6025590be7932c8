"""URLs of people: of allauth's pages only those that we offer."""

from allauth.account import views as allauth
from django.urls import URLPattern, path, reverse_lazy

from ofx.core.accounts import views

urlpatterns: list[URLPattern] = [
    path("accounts/login/", views.SignIn.as_view(), name="account_login"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path(
        "accounts/password/",
        allauth.PasswordChangeView.as_view(success_url=reverse_lazy("account_me")),
        name="account_change_password",
    ),
    path("accounts/switch/", views.switch, name="account_switch"),
    path("accounts/me/", views.me, name="account_me"),
    path("accounts/tokens/", views.tokens, name="account_tokens"),
    path("accounts/tokens/<int:pk>/revoke/", views.revoke, name="account_token_revoke"),
    path("accounts/views/", views.add_view, name="saved_view_add"),
    path("accounts/views/<int:pk>/delete/", views.delete_view, name="saved_view_delete"),
]
