"""URLs of the portal."""

from django.urls import path

from ofx.portal.find import views as find
from ofx.portal.home import views as home
from ofx.portal.whole import views as whole
from ofx.portal.work import views as work

urlpatterns = [
    path("", home.home, name="home"),
    path("my-work/", work.mine, name="my-work"),
    path("customers/", whole.customers, name="customers"),
    path("customers/<slug:slug>/", whole.customer, name="customer-whole"),
    path("sites/<str:country>/<str:postcode>/", whole.site, name="site-whole"),
    path("services/<str:reference>/whole/", whole.service, name="service-whole"),
    path("operators/<slug:code>/whole/", whole.operator, name="operator-whole"),
    path("find/", find.results, name="find"),
    path("find/suggest/", find.suggest, name="find-suggest"),
]
