"""URLs of the portal."""

from django.urls import path

from ofx.portal.find import views as find
from ofx.portal.home import views as home

urlpatterns = [
    path("", home.home, name="home"),
    path("find/", find.results, name="find"),
    path("find/suggest/", find.suggest, name="find-suggest"),
]
