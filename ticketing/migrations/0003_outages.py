import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_mail_sent"),
        ("core", "__first__"),
        ("orders", "0007_board_entry"),
        ("partners", "0009_reach"),
        ("ticketing", "0002_guides"),
    ]

    operations = [
        migrations.CreateModel(
            name="Outage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(help_text="OUT-000123, shown to people", max_length=20, unique=True)),
                ("title", models.CharField(max_length=160)),
                (
                    "public_text",
                    models.TextField(blank=True, help_text="what customers and the status page read", max_length=2000),
                ),
                ("internal_text", models.TextField(blank=True, max_length=4000)),
                ("cause", models.CharField(blank=True, max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("candidate", "Proposed"),
                            ("open", "Open"),
                            ("clearing", "Re-testing"),
                            ("cleared", "Cleared"),
                            ("closed", "Closed"),
                            ("rejected", "Not an outage"),
                        ],
                        default="candidate",
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("staff", "Our desk"),
                            ("customer", "A customer"),
                            ("partner", "The partner"),
                            ("mail", "A maintenance notice"),
                            ("proposed", "Found by itself"),
                        ],
                        default="staff",
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
                        default="significant",
                        max_length=12,
                    ),
                ),
                (
                    "impact",
                    models.CharField(
                        choices=[("degraded", "Degraded"), ("intermittent", "Comes and goes"), ("down", "Down")],
                        default="down",
                        max_length=12,
                    ),
                ),
                ("planned", models.BooleanField(default=False)),
                ("window_start", models.DateTimeField(blank=True, null=True)),
                ("window_end", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField()),
                (
                    "expected_at",
                    models.DateTimeField(blank=True, help_text="when it is expected to work again", null=True),
                ),
                ("approved_at", models.DateTimeField(null=True)),
                (
                    "cleared_at",
                    models.DateTimeField(
                        help_text="when the cause was gone; children end by their own tests", null=True
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, help_text="why it was rejected or re-opened", max_length=300)),
                ("partner_ref", models.CharField(blank=True, max_length=120)),
                (
                    "partner_cleared_at",
                    models.DateTimeField(help_text="the partner says it is fixed: a claim (R24)", null=True),
                ),
                (
                    "external_id",
                    models.CharField(blank=True, help_text="the id at whoever reported it", max_length=120),
                ),
                ("idempotency_key", models.CharField(blank=True, max_length=120)),
                (
                    "proposal_key",
                    models.CharField(blank=True, help_text="kind:value that raised the proposal", max_length=120),
                ),
                (
                    "evidence",
                    models.JSONField(
                        default=dict, help_text="what raised the proposal: counts, baseline, rows behind them"
                    ),
                ),
                ("on_status_page", models.BooleanField(default=True)),
                ("simulated", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        help_text="only its services",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.operator",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outages", to="core.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "-started_at"], name="outage_tenant"),
                    models.Index(
                        condition=models.Q(("state__in", ("candidate", "open", "clearing"))),
                        fields=["organisation"],
                        name="outage_running",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key", ""), _negated=True),
                        fields=("organisation", "idempotency_key"),
                        name="outage_idempotency_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("proposal_key", ""), _negated=True),
                            ("state__in", ("candidate", "open", "clearing")),
                        ),
                        fields=("organisation", "proposal_key"),
                        name="outage_proposal_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("window_end", None),
                            ("window_start", None),
                            ("window_end__gt", models.F("window_start")),
                            _connector="OR",
                        ),
                        name="outage_window",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MaintenanceNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("read", "Read"), ("waiting", "Needs a person"), ("settled", "Settled")], max_length=8
                    ),
                ),
                ("digest", models.CharField(help_text="of the raw bytes, so that twice is once", max_length=64)),
                ("sender", models.CharField(blank=True, max_length=250)),
                ("subject", models.CharField(blank=True, max_length=250)),
                ("text", models.TextField(blank=True)),
                ("raw", models.BinaryField()),
                ("data", models.JSONField(default=list, help_text="what the parser read: one entry a maintenance")),
                ("problem", models.CharField(blank=True, help_text="why a person must look", max_length=300)),
                ("received_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="maintenance_notices",
                        to="core.organisation",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notices",
                        to="ticketing.outage",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "-received_at"], name="notice_tenant"),
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["organisation"], name="notice_waiting"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("organisation", "digest"), name="notice_once")],
            },
        ),
        migrations.CreateModel(
            name="OutageBaseline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("value", models.CharField(max_length=80)),
                (
                    "hour",
                    models.PositiveSmallIntegerField(help_text="0 is Monday midnight UTC, 167 the last of Sunday"),
                ),
                ("count", models.FloatField(default=0, help_text="fades: half of it is forgotten in 13 weeks")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "kind", "value", "hour"), name="outage_baseline_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageChild",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("attached", "Not told yet"),
                            ("informed", "Told"),
                            ("retesting", "Being tested"),
                            ("still_down", "Still down"),
                            ("ok", "Works again"),
                            ("detached", "Taken out"),
                        ],
                        default="attached",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("started_at", models.DateTimeField(help_text="its own clock: since when this customer is without")),
                ("attached_at", models.DateTimeField()),
                ("informed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(help_text="its own clock's end", null=True)),
                ("test_due_at", models.DateTimeField(null=True)),
                ("test_tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="children", to="ticketing.outage"
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outage_children",
                        to="orders.servicerecord",
                    ),
                ),
                (
                    "test",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="outage_children",
                        to="ticketing.servicetest",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        help_text="empty: has not called",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="outage_children",
                        to="ticketing.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["outage", "state", "id"], name="outage_child_state"),
                    models.Index(fields=["outage", "id"], name="outage_child_walk"),
                    models.Index(
                        condition=models.Q(("state", "retesting")), fields=["test_due_at"], name="outage_child_retest"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("service__isnull", False)),
                        fields=("outage", "service"),
                        name="outage_child_service_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ticket__isnull", False)),
                        fields=("outage", "ticket"),
                        name="outage_child_ticket_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                        ),
                        name="outage_child_clock",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sector", "Postcode sector"),
                            ("postcode", "Postcode"),
                            ("olt", "OLT"),
                            ("exchange", "Exchange"),
                            ("handover", "Handover"),
                            ("partner", "Whole partner"),
                            ("service", "Service"),
                        ],
                        max_length=10,
                    ),
                ),
                ("value", models.CharField(max_length=80)),
                (
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="ticketing.outage"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["kind", "value"], name="outage_key_value")],
                "constraints": [models.UniqueConstraint(fields=("outage", "kind", "value"), name="outage_key_once")],
            },
        ),
        migrations.CreateModel(
            name="OutageMute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outage_mute",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutageParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("our_key", models.CharField(max_length=80, unique=True)),
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("url", models.CharField(blank=True, max_length=300)),
                ("state", models.CharField(blank=True, help_text="as the party says, in our words", max_length=14)),
                ("problem", models.CharField(blank=True, help_text="why it could not be told", max_length=300)),
                ("affected", models.PositiveIntegerField(default=0)),
                ("cleared_at", models.DateTimeField(help_text="the party says it is over", null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="partners.endpoint",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.operator"
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parties", to="ticketing.outage"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("operator__isnull", False)),
                        fields=("outage", "operator"),
                        name="outage_party_operator",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("customer__isnull", False)),
                        fields=("outage", "customer"),
                        name="outage_party_customer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("operator__isnull", True), ("customer__isnull", True), _connector="XOR"),
                        name="outage_party_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageSignal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("value", models.CharField(max_length=80)),
                ("thing", models.CharField(help_text="service:ID or postcode: counted once a window", max_length=80)),
                ("source", models.CharField(help_text="ticket:ID or service_test:ID", max_length=40)),
                ("at", models.DateTimeField()),
                ("learnt", models.BooleanField(default=False, help_text="counted in the baseline")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="signals",
                        to="ticketing.outage",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "kind", "value", "at"], name="outage_signal_key"),
                    models.Index(condition=models.Q(("learnt", False)), fields=["at"], name="outage_signal_new"),
                ],
                "constraints": [models.UniqueConstraint(fields=("source", "kind", "value"), name="outage_signal_once")],
            },
        ),
        migrations.CreateModel(
            name="OutageUpdate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("opened", "Outage"), ("update", "Update"), ("cleared", "Cleared")],
                        default="update",
                        max_length=8,
                    ),
                ),
                ("public_text", models.TextField(max_length=2000)),
                ("partner_text", models.TextField(blank=True, help_text="empty: the public text", max_length=2000)),
                ("internal_text", models.TextField(blank=True, max_length=4000)),
                ("expected_at", models.DateTimeField(blank=True, null=True)),
                ("at", models.DateTimeField()),
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
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="updates", to="ticketing.outage"
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [models.UniqueConstraint(fields=("outage", "number"), name="outage_update_once")],
            },
        ),
        migrations.CreateModel(
            name="OutageReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("portal", "Portal"), ("mail", "E-mail"), ("system", "Own system")], max_length=6
                    ),
                ),
                ("recipient", models.CharField(help_text="child:ID, an e-mail address, or party:ID", max_length=254)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sent", "Sent"),
                            ("seen", "Seen"),
                            ("failed", "Could not be sent"),
                        ],
                        default="queued",
                        max_length=6,
                    ),
                ),
                ("mail_number", models.BigIntegerField(help_text="the mail; it is forgotten after a month", null=True)),
                ("at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "child",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="receipts",
                        to="ticketing.outagechild",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="receipts",
                        to="ticketing.outageupdate",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("channel", "mail"), ("state", "queued")),
                        fields=["id"],
                        name="outage_receipt_queued",
                    ),
                    models.Index(
                        django.db.models.functions.text.Lower("recipient"),
                        condition=models.Q(("channel", "mail")),
                        name="outage_receipt_mail",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("update", "channel", "recipient"), name="outage_receipt_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("attach", "Finding who is affected"),
                            ("update", "Telling them"),
                            ("clear", "Re-testing them"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Waiting for a worker"), ("running", "Running"), ("done", "Done")],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("cursor", models.BigIntegerField(default=0, help_text="the last id that is committed")),
                ("done", models.PositiveIntegerField(default=0, help_text="rows that are committed")),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("resting_until", models.DateTimeField(help_text="after a failure", null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="jobs", to="ticketing.outage"
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="jobs",
                        to="ticketing.outageupdate",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "done"), _negated=True), fields=["id"], name="outage_job_open"
                    ),
                    models.Index(fields=["outage", "id"], name="outage_job_outage"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageWatching",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(help_text="when we began to count")),
                ("seen_signal", models.BigIntegerField(default=0, help_text="the last signal that was judged")),
                ("faded_at", models.DateTimeField(help_text="up to when old counts were faded")),
                ("weeks", models.FloatField(default=0, help_text="weeks behind the counts, faded like them")),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ServiceTopology",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sector", "Postcode sector"),
                            ("postcode", "Postcode"),
                            ("olt", "OLT"),
                            ("exchange", "Exchange"),
                            ("handover", "Handover"),
                            ("partner", "Whole partner"),
                            ("service", "Service"),
                        ],
                        max_length=10,
                    ),
                ),
                ("value", models.CharField(max_length=80)),
                ("source", models.CharField(default="file", help_text="test, partner, file", max_length=12)),
                ("at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="topology", to="orders.servicerecord"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "kind", "value"], name="service_topology_value")],
                "constraints": [models.UniqueConstraint(fields=("service", "kind"), name="service_topology_once")],
            },
        ),
    ]
