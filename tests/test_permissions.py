"""Every endpoint × role, and a test that fails when a new URL is not in the table (ARCHITECTURE 6.10).

The table names the status that each person gets. Alice is an administrator of the provider whose things these are, Bob
her read-only colleague, Charlie an administrator of another provider, Olga works for the operator that the order is
placed with, Cara is the customer of the order, Ada runs the exchange. 302 without a session is the way to the sign-in.
"""

import re
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from ofx.core.accounts.actions import invite, issue_token
from ofx.core.models import Alert, PersonalRequest, SavedView
from ofx.orders import actions
from ofx.orders.models import DecompositionRule, Flag
from ofx.portal.models import OrderBatch
from ofx.portal.partner import examples as operator_examples
from ofx.portal.widget.actions import make_key
from ofx.search.models import BulkRun
from partners.connectors.answer_links import Link, signed
from partners.models import Agreement, Conversation, Endpoint, Footprint, Import, Message
from tests.conftest import AT
from tests.ofx.orders.conftest import hear, news, order_for, shop
from tests.portal.customer.estate import customer_values
from tests.test_architecture import all_urls
from tests.ticketing.desk.estate import desk_values
from tests.ticketing.guides import estate as guided
from tests.ticketing.guides.estate import guide_values
from tests.ticketing.known_errors.estate import knowledge_values
from tests.tmf import faults
from tests.tmf.conftest import estate_of, v4_order
from tests.tmf.market import posted
from ticketing.models import MaintenanceNotice, Outage, OutageChild, OutageKey, OutageUpdate

__all__ = ["order_for", "shop"]

PEOPLE = ("anonymous", "alice", "bob", "charlie", "olga", "cara", "ada")
SERVICE_ACTS = {
    "services/<str:reference>": ("cease/", "modify/"),
    "api/v1/^services/(?P<reference>[^/.]+)": ("cease/$", "modify/$"),
}
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

# method, route, then one status a person in the order of PEOPLE
TABLE = r"""
GET api/v1/qualifications | 401 400 400 400 400 403 400
GET api/v1/qualifications/ | 401 400 400 400 400 403 400
GET api/v1/^orders/$ | 401 200 200 200 200 200 200
POST api/v1/^orders/$ | 401 400 403 400 403 403 403
GET api/v1/^orders/(?P<reference>[^/.]+)/$ | 401 200 200 404 404 200 200
POST api/v1/^orders/(?P<reference>[^/.]+)/cancel/$ | 401 200 403 404 404 403 403
GET api/v1/^orders/(?P<reference>[^/.]+)/notes/$ | 401 200 200 404 404 200 200
POST api/v1/^orders/(?P<reference>[^/.]+)/notes/$ | 401 201 403 404 404 201 403
POST api/v1/^orders/(?P<reference>[^/.]+)/submit/$ | 401 200 403 404 404 403 403
GET api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/slots/$ | 401 200 403 404 404 403 403
POST api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/visit/$ | 401 200 403 404 404 403 403
POST api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/visit/confirm/$ | 401 200 403 404 404 403 403
POST api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/visit/cancel/$ | 401 200 403 404 404 403 403
POST api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/visit/outcome/$ | 401 200 403 404 404 403 403
POST api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/amend/$ | 401 200 403 404 404 403 403
POST api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/charges/(?P<number>\d{1,12})/accept/$ | 401 200 403 404 404 403 403
POST api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/charges/(?P<number>\d{1,12})/decline/$ | 401 200 403 404 404 403 403
GET api/v1/^tickets/$ | 401 200 200 200 200 200 200
POST api/v1/^tickets/$ | 401 400 403 400 403 400 403
GET api/v1/^tickets/(?P<reference>[^/.]+)/$ | 401 200 200 404 404 404 200
GET api/v1/^tickets/(?P<reference>[^/.]+)/notes/$ | 401 200 200 404 404 404 200
POST api/v1/^tickets/(?P<reference>[^/.]+)/notes/$ | 401 201 403 404 404 404 403
POST api/v1/^tickets/(?P<reference>[^/.]+)/status/$ | 401 200 403 404 404 404 403
GET api/v1/widget/<slug:provider>/start/ | 401 401 401 401 401 401 401
GET api/v1/widget/<slug:provider>/known-errors/ | 401 401 401 401 401 401 401
GET api/v1/widget/<slug:provider>/tickets/ | 401 401 401 401 401 401 401
GET api/v1/widget/<slug:provider>/tickets/<str:reference>/ | 401 401 401 401 401 401 401
POST api/v1/widget/<slug:provider>/tickets/<str:reference>/ | 401 401 401 401 401 401 401
POST api/v1/widget/<slug:provider>/runs/ | 401 401 401 401 401 401 401
GET api/v1/widget/<slug:provider>/runs/<str:token>/ | 401 401 401 401 401 401 401
POST api/v1/widget/<slug:provider>/runs/<str:token>/answer/ | 401 401 401 401 401 401 401
POST api/v1/widget/<slug:provider>/runs/<str:token>/back/ | 401 401 401 401 401 401 401
POST api/v1/widget/<slug:provider>/runs/<str:token>/fixed/ | 401 401 401 401 401 401 401
POST api/v1/widget/<slug:provider>/runs/<str:token>/report/ | 401 401 401 401 401 401 401
GET my/visits/<int:pk>/ | 302 403 403 404 403 200 403
POST my/visits/<int:pk>/ | 302 403 403 404 403 422 403
POST my/visits/<int:pk>/confirm/ | 302 403 403 404 403 422 403
GET widget/ | 302 200 403 200 403 403 403
POST widget/ | 302 302 403 302 403 403 403
POST widget/key/ | 302 200 403 200 403 403 403
POST widget/keys/<int:pk>/revoke/ | 302 302 403 404 404 404 403
POST api/v1/desk-mail/ | 401 415 403 415 403 403 403
GET api/v1/^partner-orders/$ | 401 200 200 200 200 200 200
GET api/v1/^partner-orders/(?P<our_key>[^/.]+)/$ | 401 200 200 404 200 404 200
GET api/v1/^partner/orders/$ | 401 403 403 403 200 403 403
GET api/v1/^partner/orders/(?P<our_key>[^/.]+)/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/acknowledge/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/commit/$ | 401 403 403 403 409 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/delay/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/hold/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/resume/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/complete/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/reject/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/ask/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/propose/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/note/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/charge/$ | 401 403 403 403 409 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/accept-cancel/$ | 401 403 403 403 409 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/refuse-cancel/$ | 401 403 403 403 409 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/accept-change/$ | 401 403 403 403 409 403 403
POST api/v1/^partner/orders/(?P<our_key>[^/.]+)/refuse-change/$ | 401 403 403 403 409 403 403
POST api/v1/^partner/answers/$ | 401 403 403 403 200 403 403
POST api/v1/^partner/footprints/$ | 401 403 403 403 403 403 403
GET api/v1/^partner/footprints/(?P<pk>[^/.]+)/$ | 401 403 403 403 404 403 403
GET api/v1/^partner/prices/$ | 401 403 403 403 200 403 403
GET api/v1/^services/$ | 401 200 200 200 200 200 200
GET api/v1/^services/(?P<reference>[^/.]+)/$ | 401 200 200 404 404 200 200
POST api/v1/^services/(?P<reference>[^/.]+)/cease/$ | 401 201 403 404 404 403 403
POST api/v1/^services/(?P<reference>[^/.]+)/modify/$ | 401 400 403 404 404 403 403
GET api/v1/^operators/$ | 401 200 200 200 200 200 200
GET api/v1/^operators/(?P<code>[^/.]+)/$ | 401 200 200 200 200 404 200
GET api/v1/^agreements/$ | 401 200 200 200 200 200 200
POST api/v1/^agreements/$ | 401 409 403 201 403 403 403
GET api/v1/^agreements/(?P<pk>[^/.]+)/$ | 401 200 200 404 200 404 200
POST api/v1/^agreements/(?P<pk>[^/.]+)/ask/$ | 401 200 403 404 403 404 200
POST api/v1/^agreements/(?P<pk>[^/.]+)/offer/$ | 401 403 403 404 200 404 200
POST api/v1/^agreements/(?P<pk>[^/.]+)/accept/$ | 401 409 403 404 403 404 409
POST api/v1/^agreements/(?P<pk>[^/.]+)/decline/$ | 401 409 403 404 403 404 409
POST api/v1/^agreements/(?P<pk>[^/.]+)/withdraw/$ | 401 409 403 404 403 404 409
POST api/v1/^agreements/(?P<pk>[^/.]+)/suspend/$ | 401 200 403 404 200 404 200
POST api/v1/^agreements/(?P<pk>[^/.]+)/resume/$ | 401 200 403 404 200 404 200
POST api/v1/^agreements/(?P<pk>[^/.]+)/end/$ | 401 200 403 404 200 404 200
GET api/v1/^footprints/$ | 401 200 200 200 200 200 200
GET api/v1/^footprints/(?P<pk>[^/.]+)/$ | 401 200 200 200 200 404 200
GET api/v1/^offerings/$ | 401 200 200 200 200 200 200
GET api/v1/^offerings/(?P<pk>[^/.]+)/$ | 401 200 200 200 200 404 200
GET api/v1/^messages/$ | 401 200 200 200 200 200 200
GET api/v1/^messages/(?P<pk>[^/.]+)/$ | 401 200 200 404 404 404 200
POST api/v1/^messages/(?P<pk>[^/.]+)/cancel/$ | 401 200 403 404 404 404 200
POST api/v1/^messages/(?P<pk>[^/.]+)/replay/$ | 401 409 403 404 404 404 409
POST api/v1/^messages/(?P<pk>[^/.]+)/retry/$ | 401 200 403 404 404 404 200
POST api/v1/^messages/(?P<pk>[^/.]+)/skip/$ | 401 200 403 404 404 404 200
GET api/v1/^endpoints/$ | 401 200 200 200 200 200 200
GET api/v1/^endpoints/(?P<pk>[^/.]+)/$ | 401 200 200 404 404 404 200
POST api/v1/^endpoints/(?P<pk>[^/.]+)/upload/$ | 401 400 403 404 404 404 400
GET tmf-api/^productOrderingManagement/(?P<version>v4|v5)/productOrder/?$ | 401 200 200 200 403 403 200
POST tmf-api/^productOrderingManagement/(?P<version>v4|v5)/productOrder/?$ | 401 201 403 201 403 403 403
GET tmf-api/^productOrderingManagement/(?P<version>v4|v5)/productOrder/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
PATCH tmf-api/^productOrderingManagement/(?P<version>v4|v5)/productOrder/(?P<id>[^/]+)/?$ | 401 200 403 404 403 403 403
DELETE tmf-api/^productOrderingManagement/(?P<version>v4|v5)/productOrder/(?P<id>[^/]+)/?$ | 401 409 403 404 403 403 403
GET tmf-api/^productOrderingManagement/(?P<version>v4|v5)/cancelProductOrder/?$ | 401 200 200 200 403 403 200
POST tmf-api/^productOrderingManagement/(?P<version>v4|v5)/cancelProductOrder/?$ | 401 201 403 400 403 403 403
GET tmf-api/^productOrderingManagement/(?P<version>v4|v5)/cancelProductOrder/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
POST tmf-api/^productOrderingManagement/(?P<version>v4|v5)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^productOrderingManagement/(?P<version>v4|v5)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
DELETE tmf-api/^productOrderingManagement/(?P<version>v4|v5)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^geographicAddressManagement/(?P<version>v4)/geographicAddress/?$ | 401 200 200 200 403 403 200
GET tmf-api/^geographicAddressManagement/(?P<version>v4)/geographicAddress/(?P<id>[^/]+)/?$ | 401 200 200 200 403 403 200
GET tmf-api/^geographicAddressManagement/(?P<version>v4)/geographicAddressValidation/?$ | 401 200 200 200 403 403 200
POST tmf-api/^geographicAddressManagement/(?P<version>v4)/geographicAddressValidation/?$ | 401 201 403 201 403 403 403
GET tmf-api/^geographicAddressManagement/(?P<version>v4)/geographicAddressValidation/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
PATCH tmf-api/^geographicAddressManagement/(?P<version>v4)/geographicAddressValidation/(?P<id>[^/]+)/?$ | 401 200 403 404 403 403 403
POST tmf-api/^geographicAddressManagement/(?P<version>v4)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^geographicAddressManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
DELETE tmf-api/^geographicAddressManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^productOfferingQualification/(?P<version>v4)/productOfferingQualification/?$ | 401 200 200 200 403 403 200
POST tmf-api/^productOfferingQualification/(?P<version>v4)/productOfferingQualification/?$ | 401 201 403 201 403 403 403
GET tmf-api/^productOfferingQualification/(?P<version>v4)/productOfferingQualification/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
PATCH tmf-api/^productOfferingQualification/(?P<version>v4)/productOfferingQualification/(?P<id>[^/]+)/?$ | 401 200 403 404 403 403 403
DELETE tmf-api/^productOfferingQualification/(?P<version>v4)/productOfferingQualification/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
POST tmf-api/^productOfferingQualification/(?P<version>v4)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^productOfferingQualification/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
DELETE tmf-api/^productOfferingQualification/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^serviceQualificationManagement/(?P<version>v4)/checkServiceQualification/?$ | 401 200 200 200 403 403 200
POST tmf-api/^serviceQualificationManagement/(?P<version>v4)/checkServiceQualification/?$ | 401 201 403 201 403 403 403
GET tmf-api/^serviceQualificationManagement/(?P<version>v4)/checkServiceQualification/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
PATCH tmf-api/^serviceQualificationManagement/(?P<version>v4)/checkServiceQualification/(?P<id>[^/]+)/?$ | 401 200 403 404 403 403 403
DELETE tmf-api/^serviceQualificationManagement/(?P<version>v4)/checkServiceQualification/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^serviceQualificationManagement/(?P<version>v4)/queryServiceQualification/?$ | 401 200 200 200 403 403 200
POST tmf-api/^serviceQualificationManagement/(?P<version>v4)/queryServiceQualification/?$ | 401 201 403 201 403 403 403
GET tmf-api/^serviceQualificationManagement/(?P<version>v4)/queryServiceQualification/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
PATCH tmf-api/^serviceQualificationManagement/(?P<version>v4)/queryServiceQualification/(?P<id>[^/]+)/?$ | 401 200 403 404 403 403 403
DELETE tmf-api/^serviceQualificationManagement/(?P<version>v4)/queryServiceQualification/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
POST tmf-api/^serviceQualificationManagement/(?P<version>v4)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^serviceQualificationManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
DELETE tmf-api/^serviceQualificationManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^productCatalogManagement/(?P<version>v4)/category/?$ | 401 200 200 200 403 403 200
GET tmf-api/^productCatalogManagement/(?P<version>v4)/category/(?P<id>[^/]+)/?$ | 401 200 200 200 403 403 200
GET tmf-api/^productCatalogManagement/(?P<version>v4)/productOffering/?$ | 401 200 200 200 403 403 200
GET tmf-api/^productCatalogManagement/(?P<version>v4)/productOffering/(?P<id>[^/]+)/?$ | 401 200 200 200 403 403 200
GET tmf-api/^productCatalogManagement/(?P<version>v4)/productOfferingPrice/?$ | 401 200 200 200 403 403 200
GET tmf-api/^productCatalogManagement/(?P<version>v4)/productOfferingPrice/(?P<id>[^/]+)/?$ | 401 200 200 200 403 403 200
GET tmf-api/^productCatalogManagement/(?P<version>v4)/productSpecification/?$ | 401 200 200 200 403 403 200
GET tmf-api/^productCatalogManagement/(?P<version>v4)/productSpecification/(?P<id>[^/]+)/?$ | 401 200 200 200 403 403 200
POST tmf-api/^productCatalogManagement/(?P<version>v4)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^productCatalogManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
DELETE tmf-api/^productCatalogManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^quoteManagement/(?P<version>v4)/quote/?$ | 401 200 200 200 403 403 200
POST tmf-api/^quoteManagement/(?P<version>v4)/quote/?$ | 401 201 403 201 403 403 403
GET tmf-api/^quoteManagement/(?P<version>v4)/quote/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
PATCH tmf-api/^quoteManagement/(?P<version>v4)/quote/(?P<id>[^/]+)/?$ | 401 200 403 404 403 403 403
DELETE tmf-api/^quoteManagement/(?P<version>v4)/quote/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
POST tmf-api/^quoteManagement/(?P<version>v4)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^quoteManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
DELETE tmf-api/^quoteManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^appointment/(?P<version>v4)/appointment/?$ | 401 200 200 200 403 403 200
POST tmf-api/^appointment/(?P<version>v4)/appointment/?$ | 401 400 403 400 403 403 403
GET tmf-api/^appointment/(?P<version>v4)/appointment/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
PATCH tmf-api/^appointment/(?P<version>v4)/appointment/(?P<id>[^/]+)/?$ | 401 200 403 404 403 403 403
DELETE tmf-api/^appointment/(?P<version>v4)/appointment/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^appointment/(?P<version>v4)/searchTimeSlot/?$ | 401 200 200 200 403 403 200
POST tmf-api/^appointment/(?P<version>v4)/searchTimeSlot/?$ | 401 400 403 400 403 403 403
GET tmf-api/^appointment/(?P<version>v4)/searchTimeSlot/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
PATCH tmf-api/^appointment/(?P<version>v4)/searchTimeSlot/(?P<id>[^/]+)/?$ | 401 200 403 404 403 403 403
DELETE tmf-api/^appointment/(?P<version>v4)/searchTimeSlot/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
POST tmf-api/^appointment/(?P<version>v4)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^appointment/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
DELETE tmf-api/^appointment/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^productInventory/(?P<version>v4)/product/?$ | 401 200 200 200 403 403 200
GET tmf-api/^productInventory/(?P<version>v4)/product/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
POST tmf-api/^productInventory/(?P<version>v4)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^productInventory/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 403 200
DELETE tmf-api/^productInventory/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 403 403
GET tmf-api/^troubleTicket/(?P<version>v4|v5)/troubleTicket/?$ | 401 200 200 200 200 200 200
POST tmf-api/^troubleTicket/(?P<version>v4|v5)/troubleTicket/?$ | 401 201 403 201 403 201 403
GET tmf-api/^troubleTicket/(?P<version>v4|v5)/troubleTicket/(?P<id>[^/]+)/?$ | 401 200 200 404 404 404 200
PATCH tmf-api/^troubleTicket/(?P<version>v4|v5)/troubleTicket/(?P<id>[^/]+)/?$ | 401 200 403 404 404 404 403
DELETE tmf-api/^troubleTicket/(?P<version>v4|v5)/troubleTicket/(?P<id>[^/]+)/?$ | 401 204 403 404 404 404 403
POST tmf-api/^troubleTicket/(?P<version>v4|v5)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^troubleTicket/(?P<version>v4|v5)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 404 404 200
DELETE tmf-api/^troubleTicket/(?P<version>v4|v5)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 404 404 403
GET tmf-api/^serviceTestManagement/(?P<version>v4)/serviceTest/?$ | 401 200 200 200 403 200 200
POST tmf-api/^serviceTestManagement/(?P<version>v4)/serviceTest/?$ | 401 400 403 400 403 400 403
GET tmf-api/^serviceTestManagement/(?P<version>v4)/serviceTest/(?P<id>[^/]+)/?$ | 401 200 200 404 403 200 200
PATCH tmf-api/^serviceTestManagement/(?P<version>v4)/serviceTest/(?P<id>[^/]+)/?$ | 401 200 403 404 403 200 403
DELETE tmf-api/^serviceTestManagement/(?P<version>v4)/serviceTest/(?P<id>[^/]+)/?$ | 401 204 403 404 403 204 403
POST tmf-api/^serviceTestManagement/(?P<version>v4)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^serviceTestManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 404 200
DELETE tmf-api/^serviceTestManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 404 403
GET tmf-api/^serviceProblemManagement/(?P<version>v4)/serviceProblem/?$ | 401 200 200 200 403 200 200
POST tmf-api/^serviceProblemManagement/(?P<version>v4)/serviceProblem/?$ | 401 201 403 201 403 403 403
GET tmf-api/^serviceProblemManagement/(?P<version>v4)/serviceProblem/(?P<id>[^/]+)/?$ | 401 200 200 404 403 404 200
PATCH tmf-api/^serviceProblemManagement/(?P<version>v4)/serviceProblem/(?P<id>[^/]+)/?$ | 401 200 403 404 403 404 403
DELETE tmf-api/^serviceProblemManagement/(?P<version>v4)/serviceProblem/(?P<id>[^/]+)/?$ | 401 204 403 404 403 404 403
POST tmf-api/^serviceProblemManagement/(?P<version>v4)/problemGroup/?$ | 401 400 403 400 403 403 403
POST tmf-api/^serviceProblemManagement/(?P<version>v4)/problemUngroup/?$ | 401 400 403 400 403 403 403
POST tmf-api/^serviceProblemManagement/(?P<version>v4)/hub/?$ | 401 201 403 201 403 403 403
GET tmf-api/^serviceProblemManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 200 200 404 403 404 200
DELETE tmf-api/^serviceProblemManagement/(?P<version>v4)/hub/(?P<id>[^/]+)/?$ | 401 204 403 404 403 404 403
GET tmf-api/^(?P<rest>.*)$ | 401 404 404 404 403 403 404
GET (home) | 302 200 200 200 302 200 200
POST (home) | 302 200 200 200 302 200 200
GET my-work/ | 302 200 200 200 403 403 200
GET alerts/ | 302 200 200 200 200 200 200
GET alerts/bell/ | 302 200 200 200 200 200 200
GET alerts/<int:pk>/ | 302 302 404 404 404 404 404
POST alerts/read/ | 302 302 302 302 302 302 302
POST watch/ | 302 302 302 404 404 302 302
GET customers/ | 302 200 200 200 403 403 200
GET customers/<slug:slug>/ | 302 200 200 404 403 403 200
GET sites/<str:country>/<str:postcode>/ | 302 200 200 404 403 403 200
GET services/<str:reference>/whole/ | 302 200 200 404 403 403 200
GET operators/<slug:code>/whole/ | 302 200 200 200 403 403 200
GET partner/ | 302 403 403 403 200 403 403
GET partner/orders/ | 302 403 403 403 200 403 403
GET partner/orders/<str:our_key>/ | 302 403 403 403 200 403 403
GET partner/orders/<str:our_key>/<slug:verb>/ | 302 403 403 403 200 403 403
POST partner/orders/<str:our_key>/<slug:verb>/ | 302 403 403 403 302 403 403
GET partner/faults/ | 302 403 403 403 200 403 403
GET partner/faults/<str:our_key>/ | 302 403 403 403 200 403 403
POST partner/faults/<str:our_key>/<slug:kind>/ | 302 403 403 403 403 403 403
GET partner/history/ | 302 403 403 403 200 403 403
GET partner/to-answer.csv | 302 403 403 403 200 403 403
GET partner/answers/ | 302 403 403 403 200 403 403
POST partner/answers/ | 302 403 403 403 422 403 403
POST partner/answers/send/ | 302 403 403 403 422 403 403
GET partner/fault-link/<str:token>/ | 404 404 404 404 404 404 404
POST partner/fault-link/<str:token>/ | 404 404 404 404 404 404 404
GET partner/link/<str:token>/ | 200 200 200 200 200 200 200
POST partner/link/<str:token>/ | 200 200 200 200 200 200 200
GET find/ | 302 200 200 200 200 200 200
GET find/suggest/ | 302 200 200 200 200 200 200
GET accounts/login/ | 200 302 302 302 302 302 302
POST accounts/login/ | 200 302 302 302 302 302 302
GET accounts/logout/ | 302 200 200 200 200 200 200
POST accounts/logout/ | 302 302 302 302 302 302 302
GET accounts/inactive/ | 200 200 200 200 200 200 200
GET accounts/reauthenticate/ | 302 200 200 200 200 200 200
POST accounts/reauthenticate/ | 302 200 200 200 200 200 200
GET accounts/password/ | 302 200 200 200 200 200 200
POST accounts/password/ | 302 200 200 200 200 200 200
GET accounts/reset/ | 200 200 200 200 200 200 200
POST accounts/reset/ | 200 200 200 200 200 200 200
GET accounts/reset/sent/ | 200 200 200 200 200 200 200
GET accounts/reset/done/ | 200 200 200 200 200 200 200
GET ^accounts/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$ | 200 200 200 200 200 200 200
GET accounts/sso/ | 200 200 200 200 200 200 200
GET accounts/sso/<slug:provider_id>/login/ | 404 404 404 404 404 404 404
GET accounts/sso/<slug:provider_id>/callback/ | 404 404 404 404 404 404 404
GET accounts/invitation/<str:token>/ | 410 410 410 410 410 410 410
GET accounts/second-factor/ | 302 200 200 200 200 200 200
GET accounts/second-factor/code/ | 302 302 302 302 302 302 302
GET accounts/second-factor/again/ | 302 302 302 302 302 302 302
GET accounts/second-factor/on/ | 302 302 302 302 302 302 302
GET accounts/second-factor/off/ | 302 404 404 404 404 404 404
GET accounts/second-factor/codes/ | 302 302 302 302 302 302 302
GET accounts/second-factor/codes/new/ | 302 302 302 302 302 302 302
GET accounts/email/ | 302 302 302 302 302 302 302
GET accounts/email/<str:token>/ | 302 200 200 200 200 200 200
POST accounts/email/<str:token>/ | 302 302 302 302 302 302 302
GET accounts/sessions/ | 302 200 200 200 200 200 200
POST accounts/sessions/end-others/ | 302 302 302 302 302 302 302
POST accounts/sessions/<int:pk>/end/ | 302 302 404 404 404 404 404
GET accounts/data/ | 302 200 200 200 200 200 200
GET accounts/data/live/ | 302 200 200 200 200 200 200
POST ^accounts/data/(?P<kind>export|erasure)/$ | 302 302 302 302 302 302 302
GET accounts/data/<int:pk>/download/ | 302 200 404 404 404 404 404
GET people/ | 302 200 403 200 403 403 200
GET people/invite/ | 302 200 403 200 403 403 200
POST people/invite/ | 302 422 403 422 403 403 422
GET people/invitations/ | 302 200 403 200 403 403 200
GET people/invitations/<int:pk>/ | 302 200 403 404 404 404 200
POST people/invitations/<int:pk>/resend/ | 302 302 403 404 404 404 302
POST people/invitations/<int:pk>/revoke/ | 302 302 403 404 404 404 302
GET people/tokens/ | 302 200 403 200 403 403 200
POST people/tokens/revoke/ | 302 302 403 302 403 403 302
GET people/tokens/program/ | 302 200 403 200 403 403 200
POST people/tokens/program/ | 302 422 403 422 403 403 422
GET people/sign-in/<slug:slug>/ | 302 200 403 404 404 404 200
POST people/sign-in/<slug:slug>/factor/ | 302 302 403 404 404 404 302
POST people/sign-in/<slug:slug>/provider/ | 302 422 403 404 404 404 422
POST people/sign-in/<slug:slug>/provider/remove/ | 302 302 403 404 404 404 302
GET people/<int:pk>/ | 302 200 403 404 404 404 200
POST ^people/(?P<pk>\d{1,17})/(?P<act>role|remove|end-sessions|reset-factor|token|export|erase)/$ | 302 302 403 404 404 404 302
GET audit/ | 302 200 403 200 403 403 200
POST accounts/switch/ | 302 404 404 404 404 404 404
GET accounts/me/ | 302 200 200 200 200 200 200
POST accounts/me/ | 302 200 200 200 200 200 200
GET accounts/tokens/ | 302 200 200 200 200 200 200
POST accounts/tokens/ | 302 200 200 200 200 200 200
POST accounts/tokens/<int:pk>/revoke/ | 302 302 404 404 404 404 404
POST accounts/views/ | 302 302 302 302 302 302 302
POST accounts/views/<int:pk>/delete/ | 302 302 404 404 404 404 404
GET ui/ | 302 200 200 200 200 403 200
POST ui/ | 302 200 200 200 200 403 200
GET ui/part/ | 302 200 200 200 200 200 200
POST ui/part/ | 302 200 200 200 200 200 200
GET metrics | 200 200 200 200 200 200 200
GET healthz | 503 503 503 503 503 503 503
GET search/ | 302 200 200 200 200 403 200
GET search/suggest/ | 302 200 200 200 200 403 200
GET search/addresses/ | 302 200 200 200 200 403 200
GET search/around/ | 302 404 404 404 404 403 404
GET search/compare/ | 302 200 200 200 200 403 200
GET search/bulk/ | 302 200 200 200 200 403 200
GET search/bulk/new/ | 302 200 403 200 403 403 403
POST search/bulk/new/ | 302 422 403 422 403 403 403
GET search/bulk/<int:pk>/ | 302 200 200 404 404 403 200
POST search/bulk/<int:pk>/ | 302 302 302 404 404 403 302
GET search/bulk/<int:pk>/progress/ | 302 286 286 404 404 403 286
GET search/bulk/<int:pk>/result.csv | 302 200 200 404 404 403 200
GET search/bulk/<int:pk>/result.xlsx | 302 200 200 404 404 403 200
POST ^search/bulk/(?P<pk>[0-9]+)/(?P<word>pause|resume|cancel|delete)/$ | 302 302 403 404 404 403 403
GET search/bulk/<int:pk>/order/ | 302 200 403 404 404 403 403
POST search/bulk/<int:pk>/order/ | 302 200 403 404 404 403 403
GET search/batches/<int:pk>/ | 302 200 200 404 404 404 200
GET search/batches/<int:pk>/progress/ | 302 286 286 404 404 404 286
POST ^search/batches/(?P<pk>[0-9]+)/(?P<word>stop|resume)/$ | 302 302 403 404 404 404 403
GET search/live/ | 302 404 404 404 404 403 404
POST search/live/ | 302 404 404 404 404 403 404
POST search/weights/ | 302 302 302 302 302 403 302
GET status/<slug:slug>/ | 200 200 200 200 200 200 200
GET api/v1/knowledge/search/ | 401 200 200 200 403 200 200
GET knowledge/ | 302 200 200 200 403 403 200
GET knowledge/found/ | 302 200 200 200 403 403 200
GET knowledge/new/ | 302 200 403 200 403 403 200
POST knowledge/new/ | 302 422 403 422 403 403 422
GET knowledge/candidates/ | 302 200 200 200 403 403 200
GET knowledge/candidates/<int:pk>/ | 302 200 200 404 403 403 200
POST ^knowledge/candidates/(?P<pk>[0-9]{1,18})/(?P<word>draft|dismiss)/$ | 302 302 403 404 403 403 302
GET knowledge/for-ticket/<str:reference>/ | 302 200 200 404 403 403 200
POST knowledge/from-ticket/<str:reference>/ | 302 302 403 404 403 403 302
GET knowledge/<str:reference>/ | 302 200 200 404 403 403 200
GET knowledge/<str:reference>/edit/ | 302 200 403 404 403 403 403
POST knowledge/<str:reference>/edit/ | 302 422 403 404 403 403 403
GET knowledge/<str:reference>/versions/<int:number>/ | 302 200 200 404 403 403 200
POST knowledge/<str:reference>/versions/<int:number>/restore/ | 302 302 403 404 403 403 403
POST ^knowledge/(?P<reference>[^/]+)/(?P<word>ask|approve|publish|back|retire|revive|reviewed)/$ | 302 302 403 404 403 403 403
POST ^knowledge/(?P<reference>[^/]+)/for/(?P<ticket>[^/]+)/(?P<word>link|unlink|applied|worked|failed)/$ | 302 302 403 404 403 403 403
GET help/articles/ | 302 200 200 200 403 200 200
GET help/articles/<str:reference>/ | 302 200 200 404 403 200 200
GET my/orders/ | 302 403 403 403 403 200 403
GET my/connections/ | 302 403 403 403 403 200 403
GET my/connections/<str:reference>/ | 302 403 403 404 404 200 403
GET my/compensation/ | 302 403 403 403 403 200 403
GET compensation/ | 302 200 200 200 403 403 403
POST compensation/ | 302 302 403 302 403 403 403
GET my/notifications/ | 302 403 403 403 403 200 403
POST my/notifications/ | 302 403 403 403 403 302 403
GET notices/<str:token>/ | 200 200 200 200 200 200 200
POST notices/<str:token>/ | 200 200 200 200 200 200 200
GET fixed/<str:token>/ | 200 200 200 200 200 200 200
POST fixed/<str:token>/ | 200 200 200 200 200 200 200
GET my/faults/ | 302 403 403 403 403 200 403
GET my/faults/<str:reference>/ | 302 403 403 404 404 200 403
GET my/faults/<str:reference>/live/ | 302 403 403 404 404 200 403
GET my/faults/<str:reference>/files/<int:number>/ | 302 403 403 404 404 200 403
POST my/faults/<str:reference>/write/ | 302 403 403 404 404 302 403
POST my/faults/<str:reference>/works/ | 302 403 403 404 404 302 403
POST my/faults/<str:reference>/still/ | 302 403 403 404 404 302 403
GET complaints/ | 302 200 200 200 403 200 200
GET complaints/new/ | 302 403 403 403 403 200 403
POST complaints/new/ | 302 403 403 403 403 302 403
GET complaints/<str:reference>/ | 302 200 200 404 404 200 200
POST ^complaints/(?P<reference>[^/]+)/(?P<word>answer|further|close)/$ | 302 302 403 404 404 403 403
GET help/ | 302 403 403 403 403 200 403
GET help/what/ | 302 403 403 403 403 200 403
POST help/what/ | 302 403 403 403 403 422 403
GET ^help/runs/(?P<token>[A-Za-z0-9_-]{10,40})/$ | 302 200 200 404 404 200 200
POST ^help/runs/(?P<token>[A-Za-z0-9_-]{10,40})/$ | 302 302 403 404 404 302 403
GET ^help/runs/(?P<token>[A-Za-z0-9_-]{10,40})/live/$ | 302 286 286 404 404 286 286
POST ^help/runs/(?P<token>[A-Za-z0-9_-]{10,40})/(?P<act>back|give-up|fixed)/$ | 302 302 403 404 404 302 403
GET ^guides/runs/(?P<token>[A-Za-z0-9_-]{10,40})/$ | 302 200 200 404 404 200 200
POST ^guides/runs/(?P<token>[A-Za-z0-9_-]{10,40})/$ | 302 302 403 404 404 302 403
GET ^guides/runs/(?P<token>[A-Za-z0-9_-]{10,40})/live/$ | 302 286 286 404 404 286 286
POST ^guides/runs/(?P<token>[A-Za-z0-9_-]{10,40})/(?P<act>back|give-up|fixed)/$ | 302 302 403 404 404 302 403
GET guides/ | 302 200 200 200 403 403 200
GET guides/runs/ | 302 200 200 200 403 403 200
POST guides/runs/start/ | 302 302 403 404 404 404 403
GET guides/deflection/ | 302 200 200 200 403 403 200
GET guides/new/ | 302 200 403 200 403 403 200
POST guides/new/ | 302 422 403 422 403 403 422
GET guides/<int:number>/ | 302 200 200 404 403 403 200
GET guides/<int:number>/versions/<int:version>/ | 302 200 200 404 403 403 200
GET guides/<int:number>/edit/ | 302 200 403 404 403 403 403
POST guides/<int:number>/edit/ | 302 422 403 404 403 403 403
GET guides/<int:number>/edit/nodes/ | 302 200 403 404 403 403 403
POST guides/<int:number>/edit/nodes/ | 302 422 403 404 403 403 403
GET guides/<int:number>/edit/nodes/<slug:name>/ | 302 200 403 404 403 403 403
POST guides/<int:number>/edit/nodes/<slug:name>/ | 302 422 403 404 403 403 403
POST ^guides/(?P<number>\d{1,17})/edit/(?P<act>publish|discard|try|remove)/$ | 302 302 403 404 403 403 403
GET api/v1/^guides/$ | 401 200 200 200 200 200 200
GET api/v1/^guides/(?P<pk>[^/.]+)/$ | 401 200 200 404 404 200 200
POST api/v1/^guide-runs/$ | 401 201 403 201 403 201 403
GET api/v1/^guide-runs/(?P<token>[^/.]+)/$ | 401 200 200 404 404 200 200
POST api/v1/^guide-runs/(?P<token>[^/.]+)/answer/$ | 401 200 403 404 404 200 403
POST api/v1/^guide-runs/(?P<token>[^/.]+)/back/$ | 401 200 403 404 404 200 403
POST api/v1/^guide-runs/(?P<token>[^/.]+)/fixed/$ | 401 200 403 404 404 200 403
POST api/v1/^guide-runs/(?P<token>[^/.]+)/report/$ | 401 200 403 404 404 200 403
GET outages/ | 302 200 200 200 403 403 200
GET outages/new/ | 302 200 403 200 403 403 403
POST outages/new/ | 302 422 403 422 403 403 403
GET outages/report/ | 302 403 403 403 403 403 403
POST outages/attach/ | 302 302 403 302 403 403 403
POST outages/report/ | 302 403 403 403 403 403 403
GET outages/proposals/ | 302 200 200 200 403 403 200
GET outages/topology/ | 302 200 403 200 403 403 403
POST outages/topology/ | 302 422 403 422 403 403 403
GET outages/works/ | 302 200 200 200 403 403 200
POST outages/works/add/ | 302 302 403 302 403 403 403
GET outages/works/<int:pk>/ | 302 200 200 404 403 403 200
POST outages/works/<int:pk>/ | 302 422 403 404 403 403 403
GET outages/<str:reference>/ | 302 200 200 404 404 200 200
GET outages/<str:reference>/live/ | 302 200 200 404 404 403 200
POST outages/<str:reference>/preview/ | 302 422 403 404 404 403 403
GET outages/<str:reference>/receipts/ | 302 200 200 404 404 403 200
POST outages/<str:reference>/update/ | 302 302 403 404 404 403 403
POST outages/<str:reference>/clear/ | 302 302 403 404 404 403 403
POST outages/<str:reference>/attach/ | 302 302 403 404 404 403 403
POST ^outages/(?P<reference>[^/]+)/(?P<word>approve|reject|reopen|close)/$ | 302 302 403 404 404 403 403
POST ^outages/(?P<reference>[^/]+)/children/(?P<pk>[0-9]{1,12})/(?P<word>detach|works|own)/$ | 302 302 403 404 404 403 403
GET orders/ | 302 200 200 200 403 302 200
GET orders/new/ | 302 200 403 200 403 403 403
POST orders/new/ | 302 200 403 200 403 403 403
GET orders/board/ | 302 200 200 200 403 403 200
GET orders/customers/ | 302 200 200 200 403 403 403
GET orders/rules/ | 302 200 200 200 403 403 200
GET orders/rules/new/ | 302 200 403 200 403 403 200
POST orders/rules/new/ | 302 422 403 422 403 403 422
GET orders/rules/<int:number>/ | 302 200 403 404 403 403 404
POST orders/rules/<int:number>/ | 302 422 403 404 403 403 404
POST orders/rules/<int:number>/delete/ | 302 302 403 404 404 404 404
GET orders/<str:reference>/ | 302 200 200 404 404 200 200
GET orders/<str:reference>/live/ | 302 200 200 404 404 200 200
GET orders/<str:reference>/timeline/ | 302 200 200 404 404 404 200
GET orders/<str:reference>/owner/ | 302 200 403 404 404 403 403
POST orders/<str:reference>/owner/ | 302 422 403 404 404 403 403
GET orders/<str:reference>/edit/ | 302 302 403 404 404 403 403
POST orders/<str:reference>/edit/ | 302 302 403 404 404 403 403
POST orders/<str:reference>/submit/ | 302 302 403 404 404 403 403
POST orders/<str:reference>/reprice/ | 302 302 403 404 404 403 403
GET orders/<str:reference>/cancel/ | 302 200 403 404 404 403 403
POST orders/<str:reference>/cancel/ | 302 302 403 404 404 403 403
POST orders/<str:reference>/note/ | 302 302 403 404 404 302 403
POST orders/<str:reference>/attach/ | 302 302 403 404 404 403 403
GET orders/<str:reference>/attachments/<int:number>/ | 302 200 200 404 404 404 200
POST orders/<str:reference>/refresh/ | 302 302 403 404 404 403 403
GET orders/<str:reference>/claims/<int:number>/ | 302 200 403 404 404 403 403
POST orders/<str:reference>/claims/<int:number>/ | 302 302 403 404 404 403 403
GET ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/answer/$ | 302 200 403 404 404 403 403
POST ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/answer/$ | 302 302 403 404 404 403 403
GET ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/amend/$ | 302 200 403 404 404 403 403
POST ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/amend/$ | 302 422 403 404 404 403 403
GET ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/news/$ | 302 200 403 404 404 403 403
POST ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/news/$ | 302 422 403 404 404 403 403
GET ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/charges/(?P<number>\d{1,12})/$ | 302 200 403 404 404 403 403
POST ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/charges/(?P<number>\d{1,12})/$ | 302 302 403 404 404 403 403
GET ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/visit/$ | 302 200 403 404 404 403 403
POST ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/visit/$ | 302 422 403 404 404 403 403
GET ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/visit/outcome/$ | 302 200 403 404 404 403 403
POST ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/visit/outcome/$ | 302 422 403 404 404 403 403
POST ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/visit/(?P<word>confirm|cancel)/$ | 302 302 403 404 404 403 403
POST ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/charge/(?P<word>accept|decline)/$ | 302 302 403 404 404 403 403
POST ^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/(?P<word>retry|accept|complete|release)/$ | 302 302 403 404 404 403 403
GET tickets/ | 302 200 200 200 403 302 200
GET tickets/board/ | 302 200 200 200 403 403 200
GET tickets/caller/ | 302 200 403 200 403 403 403
GET tickets/new/ | 302 200 403 200 403 403 403
POST tickets/new/ | 302 422 403 422 403 403 403
POST tickets/bulk/<slug:word>/ | 302 302 403 302 403 403 403
GET tickets/handover/ | 302 200 200 200 403 403 200
POST tickets/handover/ | 302 302 403 302 403 403 403
POST tickets/handover/<int:number>/ | 302 302 403 404 404 404 403
GET tickets/minutes/ | 302 200 200 200 403 403 200
GET tickets/setup/ | 302 200 200 200 403 403 200
GET tickets/setup/macros/new/ | 302 200 403 200 403 403 200
POST tickets/setup/macros/new/ | 302 422 403 422 403 403 422
GET tickets/setup/macros/<int:number>/ | 302 200 403 404 403 403 200
POST tickets/setup/macros/<int:number>/ | 302 422 403 404 403 403 422
POST tickets/setup/macros/<int:number>/delete/ | 302 302 403 404 404 404 403
GET tickets/setup/steps/<slug:fault_class>/ | 302 200 200 200 403 403 200
POST tickets/setup/steps/<slug:fault_class>/ | 302 302 403 302 403 403 302
GET tickets/setup/partners/<slug:code>/ | 302 200 403 200 403 403 200
POST tickets/setup/partners/<slug:code>/ | 302 422 403 422 403 403 422
GET tickets/mail/ | 302 200 200 200 403 403 200
GET tickets/mail/<int:number>/ | 302 200 200 404 404 404 200
POST tickets/mail/<int:number>/settle/ | 302 302 403 404 404 404 403
GET tickets/<str:reference>/ | 302 200 200 404 404 404 200
GET tickets/<str:reference>/live/ | 302 200 200 404 404 404 200
GET tickets/<str:reference>/timeline/ | 302 200 200 404 404 404 200
GET tickets/<str:reference>/files/<int:number>/ | 302 200 200 404 404 404 200
POST tickets/<str:reference>/time/ | 302 204 403 404 404 404 403
POST tickets/<str:reference>/take/ | 302 302 403 404 404 404 403
POST tickets/<str:reference>/note/ | 302 302 403 404 404 404 403
POST tickets/<str:reference>/steps/<int:position>/ | 302 302 403 404 404 404 403
POST tickets/<str:reference>/partner/answer/ | 302 302 403 404 404 404 403
POST tickets/<str:reference>/do/<slug:word>/ | 302 302 403 404 404 404 403
GET tickets/<str:reference>/assign/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/assign/ | 302 302 403 404 404 404 403
GET tickets/<str:reference>/change/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/change/ | 302 422 403 404 404 404 403
GET tickets/<str:reference>/wait/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/wait/ | 302 422 403 404 404 404 403
GET tickets/<str:reference>/resolve/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/resolve/ | 302 422 403 404 404 404 403
GET tickets/<str:reference>/tsc/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/tsc/ | 302 422 403 404 404 404 403
GET tickets/<str:reference>/merge/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/merge/ | 302 422 403 404 404 404 403
GET tickets/<str:reference>/split/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/split/ | 302 422 403 404 404 404 403
GET tickets/<str:reference>/link/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/link/ | 302 422 403 404 404 404 403
GET tickets/<str:reference>/raise/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/raise/ | 302 302 403 404 404 404 403
GET tickets/<str:reference>/test/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/test/ | 302 422 403 404 404 404 403
GET tickets/<str:reference>/partner/withdraw/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/partner/withdraw/ | 302 422 403 404 404 404 403
GET tickets/<str:reference>/why/<slug:word>/ | 302 200 403 404 404 404 403
POST tickets/<str:reference>/why/<slug:word>/ | 302 422 403 404 404 404 403
GET services/ | 302 200 200 200 403 200 200
GET services/<str:reference>/ | 302 200 200 404 404 200 200
GET services/<str:reference>/cease/ | 302 200 403 404 404 403 403
POST services/<str:reference>/cease/ | 302 302 403 404 404 403 403
GET services/<str:reference>/modify/ | 302 200 403 404 404 403 403
POST services/<str:reference>/modify/ | 302 422 403 404 404 403 403
GET operators/ | 302 200 200 200 200 403 200
GET operators/<slug:code>/ | 302 200 200 200 200 403 200
GET agreements/ | 302 200 200 200 200 403 200
GET agreements/new/<slug:code>/ | 302 200 403 200 403 403 403
POST agreements/new/<slug:code>/ | 302 422 403 302 403 403 403
GET agreements/<int:pk>/ | 302 200 200 404 200 403 200
GET agreements/<int:pk>/ask/ | 302 200 403 404 403 403 200
POST agreements/<int:pk>/ask/ | 302 302 403 404 403 403 302
GET agreements/<int:pk>/offer/ | 302 403 403 404 200 403 200
POST agreements/<int:pk>/offer/ | 302 403 403 404 302 403 302
GET agreements/<int:pk>/prices/<slug:kind>/ | 302 403 403 404 200 403 200
POST ^agreements/(?P<pk>[0-9]+)/(?P<act>accept|decline|withdraw|suspend|resume|end)/$ | 302 302 403 404 302 403 302
GET reach/ | 302 200 200 200 403 403 403
GET coverage/ | 302 200 200 200 200 403 200
GET coverage/import/ | 302 200 403 200 403 403 200
POST coverage/import/ | 302 422 403 422 403 403 422
GET coverage/import/<int:pk>/ | 302 200 403 404 404 404 200
POST coverage/import/<int:pk>/ | 302 200 403 404 404 404 200
GET coverage/import/<int:pk>/live/ | 302 200 200 404 404 404 200
GET coverage/<int:pk>/ | 302 200 200 200 200 403 200
GET coverage/<int:pk>/rejected.csv | 302 403 403 403 403 404 200
POST coverage/<int:pk>/restore/ | 302 403 403 403 403 404 302
POST hooks/<str:inbound_key> | 201 201 201 201 201 201 201
POST hooks/<str:inbound_key>/ | 201 201 201 201 201 201 201
POST hooks/<str:inbound_key>/<path:rest> | 201 201 201 201 201 201 201
GET messages/ | 302 200 200 200 403 403 200
GET messages/subscriptions/ | 302 200 200 200 403 403 200
GET messages/subscriptions/<int:pk>/ | 302 200 200 404 403 403 200
POST messages/subscriptions/<int:pk>/resend/ | 302 302 403 404 404 404 403
POST messages/subscriptions/<int:pk>/delete/ | 302 302 403 404 404 404 403
GET orders/<str:reference>/complete/ | 302 302 403 404 404 403 403
GET messages/<int:pk>/ | 302 200 200 404 404 404 200
POST ^messages/(?P<pk>[0-9]+)/(?P<act>retry|skip|cancel|replay)/$ | 302 302 403 404 404 404 302
GET conversations/<int:pk>/ | 302 200 200 404 404 404 200
POST legs/<int:pk>/settle/ | 302 302 403 404 404 404 302
POST legs/<int:pk>/refresh/ | 302 302 403 404 404 404 302
GET endpoints/ | 302 200 200 200 403 403 200
GET endpoints/<int:pk>/ | 302 200 200 404 404 404 200
GET endpoints/<int:pk>/edit/ | 302 200 403 404 404 404 200
POST endpoints/<int:pk>/edit/ | 302 200 403 404 404 404 200
POST endpoints/<int:pk>/suspend/ | 302 302 403 404 404 404 302
POST endpoints/<int:pk>/resume/ | 302 302 403 404 404 404 302
POST endpoints/<int:pk>/test/ | 302 302 403 404 404 404 302
POST endpoints/<int:pk>/upload/ | 302 404 404 404 404 404 404
GET api/v1/schema/ | 200 200 200 200 200 200 200
GET api/v1/docs/ | 200 200 200 200 200 200 200
"""

# What a POST carries, so that it would succeed for somebody who may
BODIES: dict[str, dict[str, Any]] = {
    **{
        f"api/v1/^partner/orders/(?P<our_key>[^/.]+)/{verb.replace('_', '-')}/$": body
        for verb, body in operator_examples.BODIES.items()
    },
    "api/v1/^partner/answers/$": operator_examples.BULK,
    "api/v1/^partner/footprints/$": operator_examples.FOOTPRINT,
    "partner/orders/<str:our_key>/<slug:verb>/": {"text": "we ring first"},
    "orders/<str:reference>/cancel/": {"reason": "not needed any more"},
    "orders/<str:reference>/note/": {"text": "a remark"},
    "orders/<str:reference>/attach/": {"file": PDF},
    "orders/<str:reference>/claims/<int:number>/": {"verdict": "disputed", "owner": "partner", "note": "no"},
    r"^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/answer/$": {"text": "here it is"},
    r"^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/amend/$": {
        "requested_date": "2026-04-20",
        "requester": "customer",
        "reason": "away",
    },
    r"^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/news/$": {"update_type": "COMPLETED", "text": "done"},
    "orders/rules/new/": {"name": "r", "when_kind": "ethernet", "quantity": 1, "order_dependency": "none"},
    "orders/rules/<int:number>/": {"name": "r", "when_kind": "ethernet", "quantity": 1, "order_dependency": "none"},
    "partner/faults/<str:our_key>/<slug:kind>/": {"text": "we ring first"},
    "tickets/handover/": {"text": "all quiet"},
    "my/faults/<str:reference>/write/": {"text": "the red one"},
    "my/faults/<str:reference>/still/": {"why": "it drops"},
    "compensation/": {"covered": "yes"},
    "fixed/<str:token>/": {"answer": "still", "why": "it drops"},
    "complaints/new/": {"text": "Nobody came"},
    "^complaints/(?P<reference>[^/]+)/(?P<word>answer|further|close)/$": {"answer": "We are sorry"},
    "api/v1/^tickets/(?P<reference>[^/.]+)/notes/$": {"text": "a remark"},
    "api/v1/^tickets/(?P<reference>[^/.]+)/status/$": {"to": "in_progress"},
    "tickets/mail/<int:number>/settle/": {"do": "drop"},
    "tickets/<str:reference>/time/": {"seconds": 15},
    "tickets/<str:reference>/note/": {"text": "a remark"},
    "tickets/<str:reference>/partner/answer/": {"text": "the red one"},
    "accounts/views/": {"path": "/orders/", "name": "mine", "query": "state=held"},
    "accounts/switch/": {},
    r"^people/(?P<pk>\d{1,17})/(?P<act>role|remove|end-sessions|reset-factor|token|export|erase)/$": {
        "role": "order_desk"
    },
    "agreements/<int:pk>/ask/": {"round": 0},
    "agreements/<int:pk>/offer/": {"round": 0, "currency": "GBP", "starts": "2030-01-01", "at_list": "on"},
    "api/v1/^agreements/$": {"operator": "northfibre"},
    **{
        f"api/v1/^agreements/(?P<pk>[^/.]+)/{word}/$": {"round": 0}
        for word in ("ask", "accept", "decline", "withdraw", "suspend", "resume", "end")
    },
    "api/v1/^agreements/(?P<pk>[^/.]+)/offer/$": {
        "round": 0,
        "currency": "GBP",
        "starts": "2030-01-01",
        "at_list": True,
    },
    "legs/<int:pk>/settle/": {"decision": "resend", "choice": "resend", "external_id": ""},
    "api/v1/^orders/$": {
        "customer": "harbour-books",
        "items": [],
    },
    "api/v1/^orders/(?P<reference>[^/.]+)/cancel/$": {"reason": "not needed any more"},
    "api/v1/^orders/(?P<reference>[^/.]+)/notes/$": {"text": "a remark"},
    r"api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/visit/$": {
        "start": "2099-03-02T08:00:00Z",
        "end": "2099-03-02T13:00:00Z",
    },
    r"api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/visit/outcome/$": {"outcome": "completed"},
    r"api/v1/^orders/(?P<reference>[^/.]+)/items/(?P<position>\d{1,4})/amend/$": {
        "requested_date": "2099-03-02",
        "reason": "later",
    },
    "api/v1/^services/(?P<reference>[^/.]+)/cease/$": {"reason": "moved away"},
    "services/<str:reference>/cease/": {"reason": "moved away"},
    r"tmf-api/^productOrderingManagement/(?P<version>v4|v5)/productOrder/?$": v4_order(),
    r"tmf-api/^productOrderingManagement/(?P<version>v4|v5)/cancelProductOrder/?$": {
        "productOrder": {"id": "the order"}
    },
    r"tmf-api/^productOrderingManagement/(?P<version>v4|v5)/hub/?$": {"callback": "http://127.0.0.1:9/told"},
    **posted(),
    **faults.posted(),
}


def operator_link(our_key: str) -> str:
    """The token of a link that was mailed to Olga."""
    return signed(Link(our_key, "olga@example.com", "create", date(2100, 1, 1)))


def rows() -> Iterator[tuple[str, str, list[int]]]:
    """(method, route, statuses) of the table."""
    for line in TABLE.strip().splitlines():
        call, _, statuses = line.rpartition(" | ")
        method, _, route = call.partition(" ")
        yield method, "" if route == "(home)" else route, [int(status) for status in statuses.split()]


def outage_values(shop: SimpleNamespace, service: Any) -> dict[str, Any]:
    """An open outage with one child of Cara's customer, and a notice that waits for a person."""
    outage = Outage.objects.create(
        organisation=shop.brightwave, reference="OUT-000001", title="No internet", state="open", started_at=AT,
        created_at=AT, operator=service.operator, public_text="We work on it.",
    )  # fmt: skip
    OutageKey.objects.create(outage=outage, kind="sector", value="SW1A1")
    OutageUpdate.objects.create(outage=outage, number=1, public_text="We work on it.", at=AT, author=shop.alice)
    OutageChild.objects.create(
        outage=outage, service=service, customer=service.customer, started_at=AT, attached_at=AT, state="informed"
    )
    notice = MaintenanceNotice.objects.create(
        organisation=shop.brightwave, state="waiting", digest="d", raw=b"x", received_at=AT, subject="Works"
    )
    routes = [route for route, _, _ in all_urls() if "outages/" in route and "reference" in route]
    values: dict[str, Any] = {route: {"reference": outage.reference} for route in routes}
    child = next(route for route in routes if "children" in route)
    values[child] = {"reference": outage.reference, "pk": outage.children.get().pk, "word": "detach"}
    act = next(route for route in routes if "approve" in route)
    values[act] = {"reference": outage.reference, "word": "approve"}
    return {**values, "outages/works/<int:pk>/": {"pk": notice.pk}, "status/<slug:slug>/": {"slug": "brightwave"}}


@pytest.fixture
def estate(shop: SimpleNamespace, order_for: Any, settings: Any, tmp_path: Any) -> SimpleNamespace:
    """Things of Alice's provider for every parameter that a URL can have."""
    settings.MEDIA_ROOT = tmp_path
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, external_id="77"), news("DELAY", 2, reason="CAPACITY"))
    slot = {"start": AT.replace(year=2099), "end": AT.replace(year=2099, hour=13)}
    visit = actions.reserve_slot(actor=shop.alice, at=AT, partner_order=order.partner_orders.get(), **slot)
    hear(order, news("INFORMATION_REQUIRED", 3), news("CHARGE_RAISED", 4, charge={"id": "c", "amount": "9"}))
    paper = actions.add_attachment(actor=shop.alice, order=order, upload=SimpleUploadedFile("plan.pdf", PDF), at=AT)
    live = order_for(shop.other)
    hear(live, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    outgoing = Message.objects.filter(direction="out", leg__subject__startswith="partner_order").first()
    assert outgoing is not None
    own = Endpoint.objects.create(
        organisation=shop.brightwave,
        operator=shop.north,
        kind="tmf622",
        dialect="northfibre",
        name="own",
        inbound_key="o",
    )
    footprint = Footprint.objects.get(operator=shop.north)
    upload = Import.objects.create(
        organisation=shop.brightwave,
        operator=shop.own,
        file_name="f.csv",
        file=SimpleUploadedFile("f.csv", b"postcode\nSW1A1AA\n"),
        created_at=AT,
        created_by=shop.alice,
    )
    rule = DecompositionRule.objects.create(
        organisation=shop.brightwave, name="router", when_kind="ethernet", add_offering=shop.router
    )
    places = BulkRun.objects.create(
        organisation=shop.brightwave, file_name="p.csv", state="done", created_at=AT, created_by=shop.alice
    )
    batch = OrderBatch.objects.create(
        organisation=shop.brightwave, run=places, name="p.csv", state="done", created_at=AT
    )
    token, _ = issue_token(membership=shop.alice.acting, label="t", actor=None, at=AT)
    view = SavedView.objects.create(
        user=shop.alice, organisation=shop.brightwave, path="/orders/", name="held", query="state=held"
    )
    alert = Alert.objects.create(
        user=shop.alice, organisation=shop.brightwave, subject="order:1", text="t", url="/", key="k", at=AT
    )
    BODIES["watch/"] = {"subject": f"order:{order.pk}", "on": "1"}
    held = UserSession.objects.create(user=shop.alice, ip="192.0.2.1", session_key="k" * 32, user_agent="Firefox")
    copy = PersonalRequest.objects.create(
        kind="export",
        state="done",
        email=shop.alice.email,
        user=shop.alice,
        asked_by=shop.alice,
        created_at=AT,
        expires_at=AT.replace(year=2099),
        file=SimpleUploadedFile("copy.zip", b"PK"),
    )
    asked = invite(
        organisation=shop.brightwave, email="i@example.com", role="order_desk", message="", actor=shop.alice, at=AT
    )
    shop.browsers = {who: shop.client(who) for who in PEOPLE}
    shop.callers = {who: shop.api(who) for who in PEOPLE}
    shop.values = {
        "orders/<str:reference>/attachments/<int:number>/": {"reference": order.reference, "number": paper.pk},
        "orders/<str:reference>/claims/<int:number>/": {
            "reference": order.reference,
            "number": Flag.objects.filter(partner_order__order=order, kind="held").get().pk,
        },
        "reference": order.reference,
        **{route: {"pk": visit.pk} for route in ("my/visits/<int:pk>/", "my/visits/<int:pk>/confirm/")},
        "our_key": order.partner_orders.get().our_key,
        "verb": "note",
        "partner/link/<str:token>/": {"token": operator_link(order.partner_orders.get().our_key)},
        **desk_values(shop, live.partner_orders.get().item.service),
        "services/<str:reference>/": {"reference": live.partner_orders.get().item.service.reference},
        "services/<str:reference>/whole/": {"reference": live.partner_orders.get().item.service.reference},
        **outage_values(shop, live.partner_orders.get().item.service),
        **knowledge_values(shop),
        **guide_values(shop),
        **customer_values(shop, live.partner_orders.get().item.service),
        "slug": shop.harbour.slug,
        "provider": shop.brightwave.slug,
        "country": "GB",
        "postcode": "SW1A1AA",
        "api/v1/^services/(?P<reference>[^/.]+)/$": {"reference": live.partner_orders.get().item.service.reference},
        **{
            f"{path}/{act}": {"reference": live.partner_orders.get().item.service.reference}
            for path, acts in SERVICE_ACTS.items()
            for act in acts
        },
        **{
            route: {"reference": order.reference, "position": 1, "number": order.partner_orders.get().charges.get().pk}
            for route, _, _ in all_urls()
            if r"charges/(?P<number>" in route
        },
        "position": 1,
        "word": {
            "tickets/bulk": "take",
            "/why/": "cancel",
            "/do/": "resume",
            "/visit/": "confirm",
            "charge": "accept",
            "item": "retry",
            "search/bulk": "cancel",
            "search/batches": "stop",
        },
        "number": rule.pk,
        "code": shop.north.code,
        "inbound_key": own.inbound_key,
        "version": "v4",
        "id": estate_of(order, live),
        "rest": "listener/x",
        "act": {"messages": "retry", "people": "role", "agreements": "suspend"},
        "provider_id": "nobody",
        r"^accounts/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": {"uidb36": "zz", "key": "0-0"},
        "accounts/invitation/<str:token>/": {"token": "nonsense"},
        "accounts/email/<str:token>/": {"token": "nonsense"},
        r"^accounts/data/(?P<kind>export|erasure)/$": {"kind": "export"},
        **{
            f"people/sign-in/<slug:slug>/{part}": {"slug": shop.brightwave.slug}
            for part in ("", "factor/", "provider/", "provider/remove/")
        },
        "kind": "csv",
        "pk": {
            "widget/keys": make_key(organisation=shop.brightwave, actor=None, at=AT)[0].pk,
            "search/bulk": places.pk,
            "search/batches": batch.pk,
            "accounts/sessions": held.pk,
            "accounts/data": copy.pk,
            "people/invitations": asked.pk,
            "people/": shop.bob.memberships.get().pk,
            "accounts/tokens": token.pk,
            "accounts/views": view.pk,
            "alerts/": alert.pk,
            "coverage/import": upload.pk,
            "coverage/": footprint.pk,
            "footprints": footprint.pk,
            "offerings": shop.fttp.pk,
            "messages/subscriptions": estate_of(order, live)["/hub/"],
            "messages": outgoing.pk,
            "conversations": Conversation.objects.get(subject=f"order:{order.pk}").pk,
            "legs": outgoing.leg_id,
            "endpoints": own.pk,
            "agreements": Agreement.objects.get(organisation=shop.brightwave, operator=shop.north).pk,
        },
    }
    return shop


def address(estate: SimpleNamespace, route: str) -> str:
    """The path of a route with the estate's values in its parameters."""
    given = estate.values.get(route, {})

    def value(name: str) -> str:
        found = given.get(name, estate.values.get(name))
        if isinstance(found, dict):
            found = next(v for part, v in found.items() if part in route)
        return str(found)

    path = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)", lambda m: value(m.group(1)), route)
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: value(m.group(1)), path)
    return "/" + path.replace("^", "").replace("$", "").replace("\\Z", "")


def answer(estate: SimpleNamespace, who: str, method: str, route: str) -> int:
    """The status that a person gets; whatever it changed is undone."""
    body = dict(BODIES.get(route) or guided.BODIES.get(route, {}))
    if "file" in body:
        body["file"] = SimpleUploadedFile("plan.pdf", body["file"])
    if "productOrder" in body:
        body["productOrder"] = {"id": estate.values["reference"]}
    caller = (estate.callers if route.startswith(("api/", "tmf-api/")) else estate.browsers)[who]
    kept = dict(caller.cookies)
    with transaction.atomic():
        response = getattr(caller, method.lower())(address(estate, route), body if method == "POST" else None)
        for chunk in getattr(response, "streaming_content", ()):
            del chunk
        transaction.set_rollback(True)
    caller.cookies.clear()
    caller.cookies.update(kept)
    return int(response.status_code)


def test_each_person_gets_what_the_table_says(estate: SimpleNamespace) -> None:
    wrong = []
    for method, route, statuses in rows():
        got = [answer(estate, who, method, route) for who in PEOPLE]
        if got != statuses:
            wrong.append(f"{method} {route}: {dict(zip(PEOPLE, got, strict=True))}, not {statuses}")
    assert not wrong, "\n".join(wrong)


def test_every_url_is_in_the_table() -> None:
    routes = {route for route, _, _ in all_urls()}
    listed = {route for _, route, _ in rows()}
    assert routes - listed == set()
    assert listed - routes == set()
