"""URLs of this slice."""

from django.urls import URLPattern, path, re_path

from partners.conversations import door, views

urlpatterns: list[URLPattern] = [
    path("hooks/<str:inbound_key>", door.hook, name="hook"),
    path("hooks/<str:inbound_key>/", door.hook, name="hook"),
    path("hooks/<str:inbound_key>/<path:rest>", door.hook, name="hook"),
    path("messages/", views.message_list, name="messages"),
    path("messages/<int:pk>/", views.message, name="message"),
    re_path(r"^messages/(?P<pk>[0-9]+)/(?P<act>retry|skip|cancel|replay)/$", views.message_act, name="message-act"),
    path("conversations/<int:pk>/", views.conversation, name="conversation"),
    path("legs/<int:pk>/settle/", views.leg_settle, name="leg-settle"),
    path("legs/<int:pk>/refresh/", views.leg_refresh, name="leg-refresh"),
    path("endpoints/", views.endpoint_list, name="endpoints"),
    path("endpoints/<int:pk>/", views.endpoint, name="endpoint"),
    path("endpoints/<int:pk>/edit/", views.endpoint_edit, name="endpoint-edit"),
    path("endpoints/<int:pk>/suspend/", views.endpoint_suspend, name="endpoint-suspend"),
    path("endpoints/<int:pk>/resume/", views.endpoint_resume, name="endpoint-resume"),
    path("endpoints/<int:pk>/test/", views.endpoint_test, name="endpoint-test"),
    path("endpoints/<int:pk>/upload/", views.endpoint_upload, name="endpoint-upload"),
]
