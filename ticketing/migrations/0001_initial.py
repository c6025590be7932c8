import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0006_mail_sent"),
        ("core", "__first__"),
        ("orders", "0007_board_entry"),
        ("partners", "0009_reach"),
    ]

    operations = [
        migrations.CreateModel(
            name="SopTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "fault_class",
                    models.CharField(
                        choices=[
                            ("no_connection", "No connection"),
                            ("slow_speed", "Slow speed"),
                            ("intermittent", "Keeps dropping"),
                            ("wifi", "Wi-Fi at home"),
                            ("voice", "Phone over fibre"),
                            ("ethernet_down", "Ethernet tail down"),
                            ("order", "Question about an order"),
                            ("billing", "Bill or charge"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("title", models.CharField(max_length=120)),
                (
                    "steps",
                    models.JSONField(
                        default=list, help_text="[{title, help, evidence: none|text|file|test, mandatory}]"
                    ),
                ),
                ("published_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="core.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "fault_class", "version"), name="sop_version_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(help_text="TT-000123, shown to people", max_length=20, unique=True)),
                (
                    "external_id",
                    models.CharField(blank=True, help_text="the id in the customer's own system", max_length=80),
                ),
                ("idempotency_key", models.CharField(blank=True, max_length=80)),
                ("country", models.CharField(default="GB", max_length=2)),
                ("postcode", models.CharField(blank=True, max_length=12)),
                ("place_text", models.CharField(blank=True, max_length=300)),
                ("title", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True, max_length=8000)),
                (
                    "fault_class",
                    models.CharField(
                        choices=[
                            ("no_connection", "No connection"),
                            ("slow_speed", "Slow speed"),
                            ("intermittent", "Keeps dropping"),
                            ("wifi", "Wi-Fi at home"),
                            ("voice", "Phone over fibre"),
                            ("ethernet_down", "Ethernet tail down"),
                            ("order", "Question about an order"),
                            ("billing", "Bill or charge"),
                            ("other", "Something else"),
                        ],
                        default="other",
                        max_length=16,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("portal", "Self-service"),
                            ("phone", "Phone"),
                            ("email", "E-mail"),
                            ("api", "API"),
                            ("widget", "Widget"),
                            ("proactive", "Found by us"),
                            ("partner", "Told by the partner"),
                            ("outage", "Outage"),
                        ],
                        default="portal",
                        max_length=10,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("minor", "Minor"),
                            ("moderate", "Moderate"),
                            ("significant", "Significant"),
                            ("extensive", "Extensive"),
                        ],
                        default="moderate",
                        max_length=12,
                    ),
                ),
                (
                    "impact",
                    models.CharField(
                        choices=[("degraded", "Degraded"), ("intermittent", "Comes and goes"), ("down", "Down")],
                        default="degraded",
                        max_length=12,
                    ),
                ),
                ("priority", models.PositiveSmallIntegerField(default=3, help_text="1 to 4, from severity and impact")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("acknowledged", "Acknowledged"),
                            ("in_progress", "In progress"),
                            ("pending", "Pending"),
                            ("held", "Held"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                            ("rejected", "Rejected"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="acknowledged",
                        max_length=12,
                    ),
                ),
                ("state_reason", models.CharField(blank=True, max_length=300)),
                ("simulated", models.BooleanField(default=False, help_text="stays out of statistics")),
                (
                    "tier",
                    models.CharField(
                        choices=[
                            ("self", "The customer"),
                            ("l1", "Fault desk"),
                            ("tsc", "TSC"),
                            ("partner", "Partner"),
                        ],
                        default="l1",
                        max_length=8,
                    ),
                ),
                ("team", models.CharField(blank=True, max_length=40)),
                (
                    "holder",
                    models.CharField(
                        choices=[
                            ("us", "Us"),
                            ("partner", "Partner"),
                            ("end_customer", "Customer"),
                            ("third_party", "Third party"),
                            ("force_majeure", "Force majeure"),
                        ],
                        default="us",
                        max_length=15,
                    ),
                ),
                ("holder_since", models.DateTimeField(null=True)),
                ("next_action", models.CharField(blank=True, max_length=160)),
                ("next_action_at", models.DateTimeField(null=True)),
                ("contact_name", models.CharField(blank=True, max_length=120)),
                ("contact_phone", models.CharField(blank=True, max_length=40)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("early_life", models.BooleanField(default=False, help_text="soon after completion (DOMAIN 1.4 ELF)")),
                (
                    "repeat_fault",
                    models.BooleanField(default=False, help_text="the same fault of the same service again"),
                ),
                ("digital_voice", models.BooleanField(default=False, help_text="no reboot advice (R19)")),
                (
                    "answers",
                    models.JSONField(
                        default=dict, help_text="structured answers: characteristic code → value (DOMAIN 4.3)"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("customer", "Customer side"),
                            ("us", "Our network"),
                            ("partner", "Partner"),
                            ("none_found", "No fault found"),
                        ],
                        max_length=10,
                    ),
                ),
                ("clear_code", models.CharField(blank=True, max_length=40)),
                ("cause", models.CharField(blank=True, max_length=300)),
                ("fix", models.TextField(blank=True, help_text="what solved it, in words", max_length=4000)),
                (
                    "resolved_tier",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("self", "The customer"),
                            ("l1", "Fault desk"),
                            ("tsc", "TSC"),
                            ("partner", "Partner"),
                        ],
                        max_length=8,
                    ),
                ),
                ("chargeable", models.BooleanField(null=True)),
                ("confirmed_by_customer", models.BooleanField(help_text="null: not asked or no answer yet", null=True)),
                ("created_at", models.DateTimeField()),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(help_text="closed, cancelled or rejected", null=True)),
                (
                    "auto_close_at",
                    models.DateTimeField(help_text="resolved: closed at this time unless somebody objects", null=True),
                ),
                (
                    "expected_at",
                    models.DateTimeField(help_text="when we or the partner expect it to work again", null=True),
                ),
                ("last_news_at", models.DateTimeField(null=True)),
                ("reopened", models.PositiveSmallIntegerField(default=0)),
                (
                    "desk_seconds",
                    models.PositiveIntegerField(default=0, help_text="active minutes of the desk, in seconds"),
                ),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="assigned_tickets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets_as_customer",
                        to="core.organisation",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="ticketing.ticket",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        help_text="the service's operator",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.operator",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="tickets",
                        to="orders.order",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="core.organisation"
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reported_tickets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="orders.servicerecord",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "-created_at"], name="ticket_tenant"),
                    models.Index(fields=["customer", "-created_at"], name="ticket_customer"),
                    models.Index(fields=["service", "-created_at"], name="ticket_service"),
                    models.Index(fields=["reported_by", "-created_at"], name="ticket_reporter"),
                    models.Index(fields=["operator", "-created_at"], name="ticket_operator"),
                    models.Index(fields=["postcode", "-created_at"], name="ticket_postcode"),
                    models.Index(
                        models.F("organisation"),
                        models.F("priority"),
                        models.F("created_at"),
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held", "resolved"])
                        ),
                        name="ticket_queue",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held", "resolved"])
                        ),
                        fields=["assigned_to", "priority"],
                        name="ticket_mine",
                    ),
                    models.Index(
                        condition=models.Q(("state", "resolved")), fields=["auto_close_at"], name="ticket_auto_close"
                    ),
                    models.Index(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=["external_id"],
                        name="ticket_external",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["title"], name="ticket_title_trgm", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key", ""), _negated=True),
                        fields=("organisation", "idempotency_key"),
                        name="ticket_idempotency_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 4)), name="ticket_priority"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["resolved", "closed"]), _negated=True),
                            ("resolved_at__isnull", False),
                            _connector="OR",
                        ),
                        name="ticket_resolved_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SopStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("help", models.TextField(blank=True)),
                ("wants", models.CharField(default="none", help_text="evidence: none, text, file, test", max_length=8)),
                ("mandatory", models.BooleanField(default=False)),
                ("evidence", models.TextField(blank=True, max_length=2000)),
                ("skipped", models.BooleanField(default=False)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ticketing.soptemplate"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sop_steps", to="ticketing.ticket"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("ticket", "position"), name="sop_step_once")],
            },
        ),
        migrations.CreateModel(
            name="ServiceTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(default="line", help_text="line, ont, cfm, uniport", max_length=40)),
                ("our_key", models.CharField(max_length=80, unique=True)),
                ("partner_ref", models.CharField(blank=True, max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("acknowledged", "Asked for"),
                            ("in_progress", "Running"),
                            ("completed", "Done"),
                            ("failed", "Could not be run"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="acknowledged",
                        max_length=12,
                    ),
                ),
                (
                    "colour",
                    models.CharField(
                        blank=True, choices=[("green", "Green"), ("amber", "Amber"), ("red", "Red")], max_length=6
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True, help_text="the partner's result code, such as ONT_NO_LIGHT", max_length=60
                    ),
                ),
                ("text", models.CharField(blank=True, help_text="what it means, in words", max_length=500)),
                ("measures", models.JSONField(default=list, help_text="[{name, value, unit, note}]")),
                (
                    "stale_port",
                    models.BooleanField(default=False, help_text="the ONT is down, so its port data is old (R20)"),
                ),
                ("disruptive", models.BooleanField(default=False)),
                (
                    "consent",
                    models.CharField(
                        blank=True, help_text="who agreed to a disruptive test, and when (R19)", max_length=200
                    ),
                ),
                (
                    "why",
                    models.CharField(blank=True, help_text="guide, desk, retest, gate, outage, api", max_length=20),
                ),
                ("requested_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "next_look_at",
                    models.DateTimeField(help_text="when the worker asks the partner for the result", null=True),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.CharField(blank=True, help_text="why it could not be run", max_length=300)),
                ("simulated", models.BooleanField(default=False)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.operator"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_tests",
                        to="core.organisation",
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
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tests", to="orders.servicerecord"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="tests",
                        to="ticketing.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["service", "-requested_at"], name="service_test_service"),
                    models.Index(fields=["organisation", "-requested_at"], name="service_test_tenant"),
                    models.Index(
                        condition=models.Q(("state__in", ["acknowledged", "in_progress"])),
                        fields=["next_look_at"],
                        name="service_test_due",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerTicket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("our_key", models.CharField(max_length=80, unique=True)),
                (
                    "override_reason",
                    models.CharField(blank=True, help_text="why it was raised past the test gate", max_length=300),
                ),
                ("characteristics", models.JSONField(default=dict, help_text="characteristic code → value, as raised")),
                (
                    "service_ref",
                    models.CharField(blank=True, help_text="the partner's id of the service", max_length=120),
                ),
                ("simulated", models.BooleanField(default=False)),
                ("raised_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "Submitted"),
                            ("failed_to_send", "Failed to send"),
                            ("acknowledged", "Acknowledged"),
                            ("in_progress", "In progress"),
                            ("pending", "Pending"),
                            ("held", "Held"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                            ("rejected", "Rejected"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="submitted",
                        max_length=14,
                    ),
                ),
                ("partner_ref", models.CharField(blank=True, max_length=120)),
                (
                    "partner_url",
                    models.CharField(blank=True, help_text="deep link to the partner's own ticket", max_length=300),
                ),
                (
                    "holder",
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
                ("waiting_since", models.DateTimeField(null=True)),
                ("question", models.TextField(blank=True, help_text="what the partner asks, open until we answered")),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("raw_reason", models.CharField(blank=True, max_length=120)),
                ("clear_code", models.CharField(blank=True, max_length=40)),
                ("cause", models.CharField(blank=True, max_length=300)),
                ("fix", models.TextField(blank=True)),
                ("chargeable", models.BooleanField(null=True)),
                ("expected_at", models.DateTimeField(help_text="when the partner expects it to work again", null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("last_news_at", models.DateTimeField(null=True)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partner_tickets",
                        to="partners.operator",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partner_tickets",
                        to="core.organisation",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "test",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="ticketing.servicetest",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="partner_tickets",
                        to="ticketing.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["operator", "state"], name="partner_ticket_operator"),
                    models.Index(
                        condition=models.Q(("partner_ref", ""), _negated=True),
                        fields=["partner_ref"],
                        name="partner_ticket_ref",
                    ),
                    models.Index(fields=["organisation", "-raised_at"], name="partner_ticket_tenant"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["closed", "rejected", "cancelled"]), _negated=True),
                        fields=("ticket", "operator"),
                        name="partner_ticket_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeskTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minute", models.DateTimeField(help_text="start of the minute")),
                ("seconds", models.PositiveSmallIntegerField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="desk_times", to="ticketing.ticket"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("ticket", "user", "minute"), name="desk_time_once"),
                    models.CheckConstraint(condition=models.Q(("seconds__lte", 60)), name="desk_time_minute"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Complaint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("text", models.TextField(max_length=8000)),
                ("wish", models.TextField(blank=True, help_text="what would put it right", max_length=2000)),
                ("answer", models.TextField(blank=True, max_length=8000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("answered", "Answered"),
                            ("closed", "Closed"),
                            ("escalated", "Taken further"),
                        ],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField(help_text="the deadline that was promised")),
                ("answered_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints_as_customer",
                        to="core.organisation",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="complaints", to="core.organisation"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="complaints",
                        to="ticketing.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "received")),
                        fields=["organisation", "answer_by"],
                        name="complaint_due",
                    ),
                    models.Index(fields=["customer", "-made_at"], name="complaint_customer"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=80)),
                ("size", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("audience", models.CharField(default="internal", max_length=10)),
                ("author", models.CharField(default="staff", max_length=10)),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="ticketing.ticket"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TicketFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[("partner", "Partner"), ("us", "Us"), ("customer", "Customer"), ("system", "System")],
                        max_length=10,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        help_text="STATE (data.state), NOTE, QUESTION, ANSWER, RESOLVED, CLOSED, REOPENED, CANCELLED, SEND_FAILED, …",
                        max_length=20,
                    ),
                ),
                ("sequence", models.BigIntegerField(null=True)),
                ("issued_at", models.DateTimeField(help_text="when it happened, by whoever says so")),
                ("received_at", models.DateTimeField()),
                ("data", models.JSONField(default=dict)),
                ("dedupe_key", models.CharField(max_length=160)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="partners.message"
                    ),
                ),
                (
                    "partner_ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="facts", to="ticketing.partnerticket"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["partner_ticket", "issued_at"], name="ticket_fact_order")],
                "constraints": [
                    models.UniqueConstraint(fields=("partner_ticket", "dedupe_key"), name="ticket_fact_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("related", "Related to"),
                            ("duplicate", "Duplicate of"),
                            ("split", "Split from"),
                            ("follows", "Follows"),
                        ],
                        default="related",
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="linked_from", to="ticketing.ticket"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="ticketing.ticket"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("ticket", "other", "kind"), name="ticket_link_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ticket", models.F("other")), _negated=True), name="ticket_link_not_self"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("direction", models.CharField(choices=[("in", "In"), ("out", "Out")], max_length=3)),
                ("message_id", models.CharField(max_length=250)),
                ("in_reply_to", models.CharField(blank=True, max_length=250)),
                ("sender", models.CharField(max_length=250)),
                ("recipient", models.CharField(max_length=250)),
                ("subject", models.CharField(max_length=250)),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "settled_at",
                    models.DateTimeField(help_text="unmatched mail: when a person dealt with it", null=True),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ticket_mails", to="core.organisation"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="ticketing.ticket",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None), ("ticket", None)),
                        fields=["organisation", "-at"],
                        name="ticket_mail_unmatched",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "message_id"), name="ticket_mail_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("internal", "Internal"),
                            ("customer", "Customer"),
                            ("partner", "Partner"),
                            ("all", "Everybody"),
                        ],
                        default="internal",
                        max_length=10,
                    ),
                ),
                (
                    "author",
                    models.CharField(
                        choices=[
                            ("staff", "Staff"),
                            ("customer", "Customer"),
                            ("partner", "Partner"),
                            ("system", "System"),
                        ],
                        default="staff",
                        max_length=10,
                    ),
                ),
                ("text", models.TextField(max_length=8000)),
                ("is_question", models.BooleanField(default=False, help_text="awaits an answer of its audience")),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("portal", "Self-service"),
                            ("phone", "Phone"),
                            ("email", "E-mail"),
                            ("api", "API"),
                            ("widget", "Widget"),
                            ("proactive", "Found by us"),
                            ("partner", "Told by the partner"),
                            ("outage", "Outage"),
                        ],
                        max_length=10,
                    ),
                ),
                ("dedupe_key", models.CharField(blank=True, max_length=160)),
                ("at", models.DateTimeField()),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="ticketing.ticket"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("dedupe_key", ""), _negated=True),
                        fields=("ticket", "dedupe_key"),
                        name="ticket_note_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(help_text="originator, contact, owner, watcher, partner …", max_length=40)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parties", to="ticketing.ticket"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="TicketWait",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "owner",
                    models.CharField(
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
                    "reason",
                    models.CharField(
                        help_text="canonical (DOMAIN 5.6), or INFORMATION, APPOINTMENT, PARTNER", max_length=40
                    ),
                ),
                ("raw_reason", models.CharField(blank=True, max_length=120)),
                ("text", models.CharField(blank=True, max_length=500)),
                (
                    "source_key",
                    models.CharField(blank=True, help_text="what opened it, so that twice is once", max_length=160),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "judged",
                    models.CharField(
                        choices=[("open", "Not judged yet"), ("accepted", "Accepted"), ("disputed", "Disputed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "judged_owner",
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
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="waits", to="ticketing.ticket"
                    ),
                ),
            ],
            options={
                "ordering": ["opened_at", "pk"],
                "indexes": [
                    models.Index(condition=models.Q(("closed_at", None)), fields=["ticket"], name="ticket_wait_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("source_key", ""), _negated=True),
                        fields=("ticket", "source_key"),
                        name="ticket_wait_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at", None), ("closed_at__gte", models.F("opened_at")), _connector="OR"
                        ),
                        name="ticket_wait_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FaultRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "required",
                    models.JSONField(default=list, help_text="characteristics that must be given (DOMAIN 4.3)"),
                ),
                (
                    "max_lengths",
                    models.JSONField(default=dict, help_text="characteristic or `description` → most characters"),
                ),
                ("test_required", models.BooleanField(default=True)),
                ("test_max_age_minutes", models.PositiveIntegerField(default=120)),
                (
                    "green_blocks",
                    models.BooleanField(default=True, help_text="a green test bars raising unless overridden"),
                ),
                (
                    "barring_codes",
                    models.JSONField(default=list, help_text="test codes that bar raising, such as KNOWN_INCIDENT"),
                ),
                (
                    "ticket_url",
                    models.CharField(
                        blank=True, help_text="deep link to its ticket: https://…/{partner_ref}", max_length=300
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="fault_rules", to="partners.operator"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        help_text="empty: for all",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="core.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("operator", "organisation"), name="fault_rules_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=8000)),
                ("figures", models.JSONField(default=dict, help_text="the queue as it was then")),
                ("at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="handovers", to="core.organisation"
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [models.Index(fields=["organisation", "-at"], name="handover_tenant")],
            },
        ),
        migrations.CreateModel(
            name="Macro",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("key", models.CharField(blank=True, help_text="keystrokes on the ticket page", max_length=3)),
                ("text", models.TextField(max_length=4000)),
                ("audience", models.CharField(default="customer", max_length=10)),
                ("then_state", models.CharField(blank=True, help_text="pending: waits for the answer", max_length=12)),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="core.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "name"), name="macro_once", nulls_distinct=False)
                ],
            },
        ),
    ]
