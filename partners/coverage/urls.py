"""URLs of this slice."""

from django.urls import URLPattern, path

from partners.coverage import views

urlpatterns: list[URLPattern] = [
    path("coverage/", views.publications, name="coverage"),
    path("coverage/import/", views.upload, name="coverage-import"),
    path("coverage/import/<int:pk>/", views.import_page, name="coverage-import-page"),
    path("coverage/import/<int:pk>/live/", views.live, name="coverage-import-live"),
    path("coverage/<int:pk>/", views.version, name="coverage-version"),
    path("coverage/<int:pk>/rejected.csv", views.rejected, name="coverage-rejected"),
    path("coverage/<int:pk>/restore/", views.restore, name="coverage-restore"),
]
