"""URLs of the portal."""

from django.urls import path, re_path

from ofx.portal.bulk import views as bulk
from ofx.portal.customer import urls as customer
from ofx.portal.directory import views as directory
from ofx.portal.find import views as find
from ofx.portal.home import views as home
from ofx.portal.partner import urls as partner
from ofx.portal.whole import views as whole
from ofx.portal.widget import views as widget
from ofx.portal.work import views as work

urlpatterns = [
    path("", home.home, name="home"),
    *partner.urlpatterns,
    *customer.urlpatterns,
    path("widget/", widget.page, name="widget"),
    path("widget/key/", widget.new_key, name="widget-key-new"),
    path("widget/keys/<int:pk>/revoke/", widget.revoke, name="widget-key-revoke"),
    path("my-work/", work.mine, name="my-work"),
    path("customers/", whole.customers, name="customers"),
    path("customers/<slug:slug>/", whole.customer, name="customer-whole"),
    path("sites/<str:country>/<str:postcode>/", whole.site, name="site-whole"),
    path("services/<str:reference>/whole/", whole.service, name="service-whole"),
    path("operators/", directory.operators, name="operators"),
    path("operators/<slug:code>/whole/", whole.operator, name="operator-whole"),
    path("search/bulk/<int:pk>/order/", bulk.order, name="bulk-order"),
    path("search/batches/<int:pk>/", bulk.batch, name="batch"),
    path("search/batches/<int:pk>/progress/", bulk.progress, name="batch-progress"),
    re_path(r"^search/batches/(?P<pk>[0-9]+)/(?P<word>stop|resume)/$", bulk.act, name="batch-act"),
    path("find/", find.results, name="find"),
    path("find/suggest/", find.suggest, name="find-suggest"),
]
