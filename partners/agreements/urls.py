"""URLs of this slice."""

from django.urls import URLPattern, path, re_path

from partners.agreements import views

urlpatterns: list[URLPattern] = [
    path("agreements/", views.agreements, name="agreements"),
    path("agreements/new/<slug:code>/", views.new, name="agreement-new"),
    path("agreements/<int:pk>/", views.agreement, name="agreement"),
    path("agreements/<int:pk>/ask/", views.ask_again, name="agreement-ask"),
    path("agreements/<int:pk>/offer/", views.offer, name="agreement-offer"),
    path("agreements/<int:pk>/prices/<slug:kind>/", views.price_file, name="agreement-price-file"),
    re_path(
        r"^agreements/(?P<pk>[0-9]+)/(?P<act>accept|decline|withdraw|suspend|resume|end)/$",
        views.act,
        name="agreement-act",
    ),
]
