"""URLs of people: of allauth's pages only those that we offer."""

from allauth.account import views as allauth
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import URLPattern, path, re_path, reverse_lazy

from ofx.core.accounts.views import mine, people, security, sign_in

door: list[URLPattern] = [
    path("accounts/login/", sign_in.SignIn.as_view(), name="account_login"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path(
        "accounts/password/",
        allauth.PasswordChangeView.as_view(success_url=reverse_lazy("account_me")),
        name="account_change_password",
    ),
    path("accounts/reset/", allauth.password_reset, name="account_reset_password"),
    path("accounts/reset/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    path("accounts/reset/done/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^accounts/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("accounts/sso/", sign_in.organisation_sign_in, name="organisation_sign_in"),
    path("accounts/sso/<slug:provider_id>/login/", sign_in.to_provider, name="openid_connect_login"),
    path("accounts/sso/<slug:provider_id>/callback/", sign_in.from_provider, name="openid_connect_callback"),
    path("accounts/invitation/<str:token>/", sign_in.invitation, name="invitation"),
]
second_factor: list[URLPattern] = [
    path("accounts/second-factor/", factor.index, name="mfa_index"),
    path("accounts/second-factor/code/", factor.authenticate, name="mfa_authenticate"),
    path("accounts/second-factor/again/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/second-factor/on/", totp.activate_totp, name="mfa_activate_totp"),
    path("accounts/second-factor/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/second-factor/codes/", mine.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("accounts/second-factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]
own: list[URLPattern] = [
    path("accounts/switch/", mine.switch, name="account_switch"),
    path("accounts/me/", mine.me, name="account_me"),
    path("accounts/email/", mine.email, name="account_email_change"),
    path("accounts/email/<str:token>/", mine.confirm_email, name="account_email_confirm"),
    path("accounts/sessions/", mine.sessions, name="account_sessions"),
    path("accounts/sessions/end-others/", mine.end_other_sessions, name="account_sessions_end_others"),
    path("accounts/sessions/<int:pk>/end/", mine.end_session, name="account_session_end"),
    path("accounts/tokens/", mine.tokens, name="account_tokens"),
    path("accounts/tokens/<int:pk>/revoke/", mine.revoke, name="account_token_revoke"),
    path("accounts/views/", mine.add_view, name="saved_view_add"),
    path("accounts/views/<int:pk>/delete/", mine.delete_view, name="saved_view_delete"),
]
administration: list[URLPattern] = [
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/", people.invitations, name="invitations"),
    path("people/invitations/<int:pk>/", people.one_invitation, name="one_invitation"),
    path("people/invitations/<int:pk>/resend/", people.resend_invitation, name="resend_invitation"),
    path("people/invitations/<int:pk>/revoke/", people.revoke_invitation, name="revoke_invitation"),
    path("people/tokens/", people.all_tokens, name="all_tokens"),
    path("people/tokens/revoke/", people.revoke_tokens, name="revoke_tokens"),
    path("people/tokens/program/", people.new_program, name="new_program"),
    path("people/sign-in/<slug:slug>/", security.security, name="security"),
    path("people/sign-in/<slug:slug>/factor/", security.require_factor, name="require_factor"),
    path("people/sign-in/<slug:slug>/provider/", security.configure, name="configure_sign_on"),
    path("people/sign-in/<slug:slug>/provider/remove/", security.remove, name="remove_sign_on"),
    path("people/<int:pk>/", people.person, name="person"),
    re_path(
        r"^people/(?P<pk>\d{1,17})/(?P<act>role|remove|end-sessions|reset-factor|token|export|erase)/$",
        people.person_act,
        name="person_act",
    ),
]
urlpatterns: list[URLPattern] = door + second_factor + own + administration
