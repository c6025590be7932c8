"""URLs of the portal."""

from django.urls import path

from ofx.portal.find import views as find
from ofx.portal.home import views as home
from ofx.portal.work import views as work

urlpatterns = [
    path("", home.home, name="home"),
    path("my-work/", work.mine, name="my-work"),
    path("find/", find.results, name="find"),
    path("find/suggest/", find.suggest, name="find-suggest"),
]
