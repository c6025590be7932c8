"""URLs of this slice."""

from django.urls import URLPattern, path

from partners.conversations import door

urlpatterns: list[URLPattern] = [
    path("hooks/<str:inbound_key>", door.hook, name="hook"),
    path("hooks/<str:inbound_key>/", door.hook, name="hook"),
    path("hooks/<str:inbound_key>/<path:rest>", door.hook, name="hook"),
]
