import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_digest"),
        ("core", "__first__"),
        ("orders", "0005_open_orders"),
        ("partners", "0007_endpoint_services"),
    ]

    operations = [
        migrations.CreateModel(
            name="AmendRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("changes", models.JSONField(default=dict, help_text="field → wanted value")),
                ("before", models.JSONField(default=dict, help_text="field → value until then")),
                (
                    "requester",
                    models.CharField(
                        choices=[("partner", "Partner"), ("us", "Us"), ("customer", "Customer"), ("system", "System")],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Partner weighs it"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("overtaken", "The order ended first"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=500)),
                (
                    "partner_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="amend_requests",
                        to="orders.partnerorder",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [models.UniqueConstraint(fields=("partner_order", "number"), name="amend_number_once")],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("our_key", models.CharField(help_text="found at the partner by it", max_length=100, unique=True)),
                ("place_text", models.CharField(max_length=300)),
                ("postcode", models.CharField(max_length=12)),
                ("country", models.CharField(default="GB", max_length=2)),
                ("slot_start", models.DateTimeField()),
                ("slot_end", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Asked for"),
                            ("reserved", "Reserved"),
                            ("confirmed", "Confirmed"),
                            ("completed", "Completed"),
                            ("missed", "Missed by the partner"),
                            ("failed", "Failed on our side"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Reservation lapsed"),
                            ("refused", "Refused by the partner"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                (
                    "reserved_until",
                    models.DateTimeField(help_text="the reservation lapses then unless it is confirmed", null=True),
                ),
                ("partner_ref", models.CharField(blank=True, max_length=120)),
                (
                    "by_hand",
                    models.BooleanField(
                        default=False, help_text="agreed by people: the partner has no appointment API"
                    ),
                ),
                ("simulated", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(help_text="older news changes nothing")),
                ("outcome_reason", models.CharField(blank=True, help_text="canonical reason", max_length=40)),
                ("outcome_text", models.CharField(blank=True, max_length=500)),
                (
                    "outcome_owner",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("us", "Us"),
                            ("partner", "Partner"),
                            ("end_customer", "Customer"),
                            ("third_party", "Third party"),
                            ("force_majeure", "Force majeure"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "warned_at",
                    models.DateTimeField(help_text="when it was told that the reservation will lapse: once", null=True),
                ),
                (
                    "asked",
                    models.JSONField(
                        default=dict, help_text="what we asked the partner for and do not know the answer to"
                    ),
                ),
                ("asked_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments_as_customer",
                        to="core.organisation",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="partners.operator"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="core.organisation"
                    ),
                ),
                (
                    "partner_order",
                    models.ForeignKey(
                        help_text="empty: reserved before there is an order",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appointments",
                        to="orders.partnerorder",
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replaced_by",
                        to="orders.appointment",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["slot_start", "pk"],
                "indexes": [
                    models.Index(fields=["organisation", "slot_start"], name="appointment_tenant"),
                    models.Index(fields=["customer", "slot_start"], name="appointment_customer"),
                    models.Index(fields=["operator", "slot_start"], name="appointment_operator"),
                    models.Index(
                        condition=models.Q(("state", "reserved")), fields=["reserved_until"], name="appointment_lapses"
                    ),
                    models.Index(
                        condition=models.Q(("asked_at__isnull", False)), fields=["asked_at"], name="appointment_unknown"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("slot_end__gt", models.F("slot_start"))), name="appointment_slot"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["requested", "reserved", "confirmed"])),
                        fields=("partner_order",),
                        name="appointment_one_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Charge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("ecc", "Excess construction"), ("cancellation", "Cancellation"), ("amend", "Change")],
                        default="ecc",
                        max_length=12,
                    ),
                ),
                ("ident", models.CharField(blank=True, help_text="the partner's id of it", max_length=60)),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, help_text="empty: the text names it", max_digits=10, null=True
                    ),
                ),
                ("currency", models.CharField(default="GBP", max_length=3)),
                ("text", models.CharField(blank=True, max_length=500)),
                ("blocking", models.BooleanField(default=True, help_text="work stands still until it is answered")),
                ("raised_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("raised", "Awaits our answer"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("lapsed", "Not answered in time"),
                            ("withdrawn", "No longer asked"),
                        ],
                        default="raised",
                        max_length=10,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("consent_by", models.CharField(blank=True, help_text="who at the customer consented", max_length=120)),
                (
                    "consent_reference",
                    models.CharField(blank=True, help_text="the customer's own reference of it", max_length=80),
                ),
                (
                    "refusal",
                    models.CharField(
                        blank=True, help_text="why the partner did not take our last answer", max_length=500
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "fact",
                    models.OneToOneField(
                        help_text="the news that raised it",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.fact",
                    ),
                ),
                (
                    "partner_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="charges", to="orders.partnerorder"
                    ),
                ),
            ],
            options={
                "ordering": ["raised_at", "pk"],
                "indexes": [
                    models.Index(fields=["partner_order", "raised_at"], name="charge_order"),
                    models.Index(
                        condition=models.Q(("state", "raised"), ("answer_by__isnull", False)),
                        fields=["answer_by"],
                        name="charge_due",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="orderitem",
            name="changes_service",
            field=models.ForeignKey(
                help_text="the live service that a modify or cease is about",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="orders.servicerecord",
            ),
        ),
        migrations.AlterField(
            model_name="fact",
            name="update_type",
            field=models.CharField(
                choices=[
                    ("CREATED", "Created by the partner"),
                    ("ACKNOWLEDGED", "Acknowledged (KCI1)"),
                    ("COMMITTED", "Committed (KCI2)"),
                    ("DELAY", "Delayed"),
                    ("RESUMED", "Resumed"),
                    ("REAPPOINTED", "Appointment moved by the partner"),
                    ("ADDITIONAL", "More information"),
                    ("WARNING", "Risk flagged"),
                    ("UPDATE", "Updated"),
                    ("AMENDED", "Our change applied"),
                    ("CANCELLED", "Our cancel applied"),
                    ("TERMINATED", "Ended by the partner"),
                    ("COMPLETED", "Completed (KCI3)"),
                    ("REAPPOINT", "A new slot must be agreed"),
                    ("INFORMATION_REQUIRED", "Information required"),
                    ("RESUBMIT", "Correct and send again"),
                    ("ERROR", "Error"),
                    ("CHARGE_RAISED", "Charge raised"),
                    ("MILESTONE", "Milestone"),
                    ("AMEND_REFUSED", "Our change refused"),
                    ("CANCEL_REFUSED", "Our cancel refused"),
                    ("SUBMITTED", "Submitted by us"),
                    ("SEND_FAILED", "Could not be sent"),
                    ("AMEND_REQUESTED", "Change asked for by us"),
                    ("CANCEL_REQUESTED", "Cancel asked for by us"),
                    ("CHARGE_ACCEPTED", "Charge accepted by us"),
                    ("CHARGE_DECLINED", "Charge declined by us"),
                    ("CHARGE_REFUSED", "Our answer to the charge was not taken"),
                    ("CHARGE_LAPSED", "Charge not answered in time"),
                    ("ANSWERED", "Answered by us"),
                    ("ACCEPTED", "Accepted by us"),
                    ("WITHDRAWN", "Withdrawn before it was sent"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddIndex(
            model_name="servicerecord",
            index=models.Index(
                condition=models.Q(("partner_ref", ""), _negated=True),
                fields=["operator", "partner_ref"],
                name="service_partner_ref",
            ),
        ),
    ]
