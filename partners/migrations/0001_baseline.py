import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import ofx.core.secrets


class Migration(migrations.Migration):
    initial = True
    # What these do one after the other stands here at once, for a new database. One that has some takes the rest.
    replaces = [
        ("partners", "0001_initial"),
        ("partners", "0002_coverage_import_lease"),
        ("partners", "0003_hub_pace_and_probe"),
        ("partners", "0004_message_retries"),
        ("partners", "0005_footprint_summary"),
        ("partners", "0006_rejected_row_order"),
        ("partners", "0007_endpoint_services"),
        ("partners", "0008_agreement_terms"),
        ("partners", "0009_reach"),
        ("partners", "0010_endpoint_entities"),
        ("partners", "0011_message_retention"),
        ("partners", "0012_shared_outage_legs"),
    ]

    dependencies = [
        ("core", "0008_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(),
        django.contrib.postgres.operations.BtreeGistExtension(),
        django.contrib.postgres.operations.UnaccentExtension(),
        migrations.CreateModel(
            name="Offering",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=80)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("broadband", "Broadband"),
                            ("ethernet", "Ethernet"),
                            ("device", "Device"),
                            ("sim", "SIM"),
                            ("delivery", "Delivery"),
                        ],
                        default="broadband",
                        max_length=12,
                    ),
                ),
                ("technology", models.CharField(blank=True, help_text="FTTP, FTTC, EAD …; empty: any", max_length=20)),
                ("down_mbps", models.FloatField(blank=True, null=True)),
                ("up_mbps", models.FloatField(blank=True, null=True)),
                (
                    "lead_days",
                    models.PositiveIntegerField(blank=True, help_text="list lead time in working days", null=True),
                ),
                ("everywhere", models.BooleanField(default=True)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(max_length=2)),
                ("uprn", models.CharField(blank=True, max_length=40)),
                (
                    "key",
                    models.CharField(
                        help_text="what footprints name it by: the UPRN, or a digest of the address", max_length=64
                    ),
                ),
                ("postcode", models.CharField(help_text="code of its Place", max_length=12)),
                ("text", models.CharField(help_text="one line as people write it", max_length=250)),
                ("lat", models.FloatField(null=True)),
                ("lon", models.FloatField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["country", "postcode"], name="address_postcode"),
                    models.Index(
                        condition=models.Q(("uprn", ""), _negated=True), fields=["country", "uprn"], name="address_uprn"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["text"], name="address_text_trgm", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("country", "key"), name="address_once")],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(help_text="reference of the case, such as order:17", max_length=80)),
                ("created_at", models.DateTimeField()),
                ("variables", models.JSONField(default=dict)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversations",
                        to="core.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organisation", "subject"), name="conversation_once")],
            },
        ),
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(help_text="the connector: tmf622, tmf621, tmf656, email, portal", max_length=20),
                ),
                (
                    "entities",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="what is told here: order, ticket, problem; empty: all that its kind speaks",
                    ),
                ),
                (
                    "dialect",
                    models.CharField(blank=True, help_text="the mapping that understands its words", max_length=40),
                ),
                ("name", models.CharField(max_length=120)),
                ("base_url", models.CharField(blank=True, max_length=300)),
                (
                    "services",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="other Open APIs of the same system: {tmf679, tmf645, tmf646, tmf637 …: their base address}",
                    ),
                ),
                ("address", models.EmailField(blank=True, help_text="where orders are mailed to", max_length=254)),
                ("token", ofx.core.secrets.SecretField(blank=True, default="")),
                (
                    "inbound_key",
                    models.CharField(
                        help_text="the unguessable part of its webhook address", max_length=64, unique=True
                    ),
                ),
                (
                    "inbound_secret",
                    ofx.core.secrets.SecretField(
                        blank=True, default="", help_text="verifies the signature of what comes in"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("auth_failed", "Credentials refused"),
                        ],
                        default="active",
                        max_length=12,
                    ),
                ),
                ("simulated", models.BooleanField(default=False)),
                ("timeout_seconds", models.PositiveSmallIntegerField(default=20)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("open_until", models.DateTimeField(null=True)),
                (
                    "slow_until",
                    models.DateTimeField(help_text="the partner asked us to slow down until then", null=True),
                ),
                ("rate_per_minute", models.PositiveIntegerField(default=600)),
                ("paced_at", models.DateTimeField(help_text="up to when the rate cap is used up", null=True)),
                (
                    "finds_by_key",
                    models.BooleanField(
                        default=True,
                        help_text="off: an unknown create cannot be looked up by our key and goes to a person",
                    ),
                ),
                ("poll_seconds", models.PositiveIntegerField(default=0, help_text="0: never polled")),
                ("next_poll_at", models.DateTimeField(null=True)),
                ("poll_cursor", models.CharField(blank=True, max_length=80)),
                ("poll_lease_until", models.DateTimeField(null=True)),
                (
                    "last_sync_at",
                    models.DateTimeField(help_text="when the partner last answered a poll or sent news", null=True),
                ),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("hub_id", models.CharField(blank=True, help_text="our subscription at the partner", max_length=80)),
                ("probed_at", models.DateTimeField(null=True)),
                ("probe", models.JSONField(default=list, help_text="what the last test of the connection found")),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        help_text="whose own system it is, where it is not an operator's",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_systems",
                        to="core.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        help_text="the tenant; empty: shared by all tenants of the exchange",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="endpoints",
                        to="core.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("poll_seconds__gt", 0)), fields=["next_poll_at"], name="endpoint_poll_due"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Footprint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("loading", "Loading"),
                            ("active", "Active"),
                            ("replaced", "Replaced"),
                            ("failed", "Failed"),
                        ],
                        default="loading",
                        max_length=10,
                    ),
                ),
                ("source", models.CharField(blank=True, help_text="file name or generator", max_length=200)),
                ("synthetic", models.BooleanField(default=False)),
                ("rows_total", models.BigIntegerField(default=0)),
                ("rows_rejected", models.BigIntegerField(default=0)),
                (
                    "summary",
                    models.JSONField(
                        default=list, help_text="rows by technology, level and status, counted while loading"
                    ),
                ),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "lease_until",
                    models.DateTimeField(help_text="while loading: dead after this, the sweep ends it", null=True),
                ),
                (
                    "pruned_at",
                    models.DateTimeField(help_text="when its rows were deleted; it cannot be restored then", null=True),
                ),
                ("created_at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Leg",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entity_type", models.CharField(default="order", help_text="order, ticket, problem", max_length=40)),
                (
                    "subject",
                    models.CharField(help_text="what of ours it carries, such as partner_order:17", max_length=80),
                ),
                ("our_key", models.CharField(help_text="stamped on every create", max_length=80, unique=True)),
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("external_number", models.CharField(blank=True, max_length=120)),
                ("simulated", models.BooleanField(default=False)),
                ("seen_version", models.CharField(blank=True, max_length=80)),
                (
                    "written",
                    models.JSONField(
                        default=dict, help_text="hash of the last value that we wrote, per field (loop guard b)"
                    ),
                ),
                ("last_inbound_at", models.DateTimeField(null=True)),
                ("next_refresh_at", models.DateTimeField(help_text="when a stale case is asked for again", null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("attention", models.CharField(blank=True, help_text="why a person must look", max_length=200)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="legs", to="partners.conversation"
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="legs", to="partners.endpoint"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject"], name="leg_subject"),
                    models.Index(
                        condition=models.Q(("entity_type", "problem")),
                        fields=["endpoint", "external_id"],
                        name="leg_problem",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["next_refresh_at"], name="leg_refresh_due"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("external_id", ""), _negated=True),
                            models.Q(("entity_type", "problem"), _negated=True),
                        ),
                        fields=("endpoint", "entity_type", "external_id"),
                        name="leg_external_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("direction", models.CharField(choices=[("in", "In"), ("out", "Out")], max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("stored", "Stored"),
                            ("duplicate", "Duplicate"),
                            ("rejected", "Rejected"),
                            ("unrecognised", "Unrecognised"),
                            ("unrouted", "Unrouted"),
                            ("rule_failed", "Rule failed"),
                            ("routed", "Routed"),
                            ("queued", "Queued"),
                            ("delivered", "Delivered"),
                            ("partial", "Delivered in part"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("skipped", "Skipped"),
                            ("superseded", "Superseded"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "verb",
                    models.CharField(
                        help_text="create, amend, cancel, query; in: notification, poll, mail, upload", max_length=40
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="why it ended as it did, in words")),
                ("canonical", models.JSONField(default=dict)),
                ("wire", models.TextField(blank=True, help_text="what was sent, secrets masked")),
                ("raw", models.BinaryField(default=b"")),
                ("headers", models.JSONField(default=dict)),
                ("source_ip", models.GenericIPAddressField(null=True)),
                ("dedupe_key", models.CharField(blank=True, max_length=160)),
                ("mapping_version", models.CharField(blank=True, max_length=60)),
                ("answer", models.TextField(blank=True, help_text="the partner's echo of an outgoing message")),
                ("differences", models.JSONField(default=list, help_text="fields that the partner echoed differently")),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("attempt", models.PositiveIntegerField(default=0)),
                (
                    "retries",
                    models.PositiveSmallIntegerField(default=0, help_text="how often a person had it tried again"),
                ),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("worker", models.CharField(blank=True, max_length=80)),
                (
                    "last_outcome",
                    models.CharField(blank=True, help_text="success, retry, never, unknown", max_length=12),
                ),
                (
                    "forgotten_at",
                    models.DateTimeField(help_text="when its bodies were deleted (OFX_RAW_DAYS)", null=True),
                ),
                (
                    "blocks",
                    models.BooleanField(
                        default=True, help_text="when failed: later messages of the leg wait for a person"
                    ),
                ),
                (
                    "caused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="caused",
                        to="partners.message",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="partners.endpoint"
                    ),
                ),
                (
                    "leg",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="partners.leg",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("leg"),
                        models.F("id"),
                        condition=models.Q(("state__in", ["queued", "failed"])),
                        name="message_leg_open",
                    ),
                    models.Index(
                        condition=models.Q(("state", "queued")), fields=["next_attempt_at", "id"], name="message_due"
                    ),
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["endpoint", "id"],
                        name="message_endpoint_queue",
                    ),
                    models.Index(fields=["leg", "-id"], name="message_leg"),
                    models.Index(
                        condition=models.Q(("state", "stored")), fields=["next_attempt_at", "id"], name="message_in_due"
                    ),
                    models.Index(fields=["organisation", "-created_at"], name="message_tenant"),
                    models.Index(fields=["endpoint", "-created_at"], name="message_endpoint"),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", False), ("forgotten_at", None)),
                        fields=["ended_at"],
                        name="message_kept",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("direction", "in"),
                            models.Q(("dedupe_key", ""), _negated=True),
                            models.Q(("state__in", ["duplicate", "rejected"]), _negated=True),
                        ),
                        fields=("endpoint", "dedupe_key"),
                        name="message_in_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("worker", models.CharField(max_length=80)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("success", "Success"),
                            ("retry", "Try again"),
                            ("never", "Refused"),
                            ("unknown", "Outcome unknown"),
                        ],
                        max_length=10,
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(help_text="HTTP status or SMTP code", null=True)),
                ("detail", models.TextField(blank=True)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="partners.message"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [models.UniqueConstraint(fields=("message", "number"), name="attempt_once")],
            },
        ),
        migrations.CreateModel(
            name="FootprintRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(max_length=2)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("premises", "Premises"),
                            ("postcode", "Postcode"),
                            ("sector", "Postcode sector"),
                            ("outcode", "Area"),
                        ],
                        max_length=8,
                    ),
                ),
                ("key", models.CharField(help_text="address key, postcode, sector or outcode / ZIP", max_length=64)),
                ("technology", models.CharField(max_length=20)),
                (
                    "status",
                    models.CharField(
                        choices=[("live", "Live"), ("planned", "Planned"), ("build", "In build")], max_length=8
                    ),
                ),
                ("available_from", models.DateField(null=True)),
                ("down_mbps", models.FloatField(null=True)),
                ("up_mbps", models.FloatField(null=True)),
                (
                    "lead_days",
                    models.PositiveSmallIntegerField(help_text="installation lead time in working days", null=True),
                ),
                (
                    "footprint",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="rows",
                        to="partners.footprint",
                    ),
                ),
                (
                    "offering",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.offering",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["country", "key", "level"], name="footprint_row_key")],
            },
        ),
        migrations.CreateModel(
            name="Operator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("country", models.CharField(default="GB", max_length=2)),
                (
                    "provenance",
                    models.CharField(
                        choices=[("real", "Real"), ("synthetic", "Synthetic"), ("simulated", "Simulated")],
                        default="real",
                        help_text="synthetic: its footprint is invented; simulated: the sandbox answers for it as well",
                        max_length=10,
                    ),
                ),
                (
                    "suspended_reason",
                    models.CharField(blank=True, help_text="set: takes no orders now, and why", max_length=200),
                ),
                ("order_rules", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "on_net_of",
                    models.ForeignKey(
                        blank=True,
                        help_text="the service provider whose own network this is",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_networks",
                        to="core.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="operator", to="core.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="offering",
            name="operator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="offerings", to="partners.operator"
            ),
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Needs its columns mapped"),
                            ("queued", "Waiting for a worker"),
                            ("running", "Loading"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="uploaded",
                        max_length=10,
                    ),
                ),
                ("file", models.FileField(upload_to="imports/%Y/%m/")),
                ("file_name", models.CharField(max_length=200)),
                ("country", models.CharField(default="GB", max_length=2)),
                ("mapping", models.JSONField(default=dict, help_text="our column → theirs")),
                ("bytes_total", models.BigIntegerField(default=0)),
                ("bytes_done", models.BigIntegerField(default=0)),
                ("rows_done", models.BigIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
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
                    "footprint",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="origin",
                        to="partners.footprint",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="imports", to="partners.operator"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="footprint",
            name="operator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="footprints", to="partners.operator"
            ),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="operator",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="endpoints",
                to="partners.operator",
            ),
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(help_text="orders, faults, escalation …", max_length=40)),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=40)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="partners.operator"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Asked for"),
                            ("offered", "Offered"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("ended", "Ended"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("currency", models.CharField(default="GBP", max_length=3)),
                ("starts", models.DateField(blank=True, help_text="empty while it is still talked about", null=True)),
                ("ends", models.DateField(blank=True, help_text="first day that is no longer covered", null=True)),
                ("round", models.PositiveIntegerField(default=0, help_text="counts asks, offers and answers")),
                (
                    "waits_for",
                    models.CharField(
                        blank=True,
                        choices=[("operator", "the operator"), ("provider", "the service provider")],
                        help_text="who has to answer now",
                        max_length=10,
                    ),
                ),
                (
                    "moved_at",
                    models.DateTimeField(blank=True, help_text="when anybody last did anything about it", null=True),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        help_text="the service provider",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="core.organisation",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agreements", to="partners.operator"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["operator", "waits_for", "-moved_at"], name="agreement_to_answer")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends", None), ("ends__gt", models.F("starts")), _connector="OR"),
                        name="agreement_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["active", "suspended"]), _negated=True),
                            ("starts__isnull", False),
                            _connector="OR",
                        ),
                        name="agreement_has_start",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["requested", "offered"])),
                        fields=("organisation", "operator"),
                        name="agreement_one_in_talks",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("state__in", ["active", "suspended"])),
                        expressions=[
                            ("organisation", "="),
                            ("operator", "="),
                            (models.Func("starts", "ends", function="daterange"), "&&"),
                        ],
                        name="agreement_no_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(max_length=2)),
                (
                    "code",
                    models.CharField(help_text="normalised: upper case, no spaces (SW1A1AA, 22201)", max_length=12),
                ),
                (
                    "outcode",
                    models.CharField(help_text="GB outcode, US ZIP3, else the code's first part", max_length=8),
                ),
                ("sector", models.CharField(help_text="GB sector (SW1A1), else the code", max_length=10)),
                ("lat", models.FloatField(null=True)),
                ("lon", models.FloatField(null=True)),
                ("district", models.CharField(blank=True, max_length=80)),
                (
                    "live",
                    models.BooleanField(help_text="True where an OS or ONS file says so; unknown otherwise", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["country", "outcode"], name="place_outcode"),
                    models.Index(fields=["lat", "lon"], name="place_position"),
                ],
                "constraints": [models.UniqueConstraint(fields=("country", "code"), name="place_once")],
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("one_off", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("monthly", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("currency", models.CharField(default="GBP", max_length=3)),
                ("starts", models.DateField()),
                ("ends", models.DateField(blank=True, help_text="first day that it no longer holds", null=True)),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="partners.agreement",
                    ),
                ),
                (
                    "offering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="partners.offering"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends", None), ("ends__gt", models.F("starts")), _connector="OR"),
                        name="price_period",
                    ),
                    models.UniqueConstraint(
                        fields=("offering", "agreement", "starts"), name="price_once", nulls_distinct=False
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReachArea",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(max_length=2)),
                ("area", models.CharField(max_length=10)),
                ("postcodes", models.PositiveIntegerField()),
                ("premises", models.PositiveIntegerField()),
                ("lat", models.FloatField(null=True)),
                ("lon", models.FloatField(null=True)),
                ("stamp", models.CharField(help_text="newest place and address that were counted", max_length=40)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("country", "area"), name="reach_area_once")],
            },
        ),
        migrations.CreateModel(
            name="ReachCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stamp", models.CharField(max_length=40)),
                ("counted_at", models.DateTimeField()),
                (
                    "footprint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reach_count", to="partners.footprint"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReachGain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("technology", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(max_length=2)),
                ("area", models.CharField(max_length=10)),
                ("postcodes", models.PositiveIntegerField()),
                ("premises", models.PositiveIntegerField()),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.operator"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "technology", "country", "area"], name="reach_gain_area")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "operator", "technology", "country", "area"), name="reach_gain_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReachLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("technology", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(max_length=2)),
                ("area", models.CharField(max_length=10)),
                ("name", models.CharField(blank=True, max_length=60)),
                ("lat", models.FloatField(null=True)),
                ("lon", models.FloatField(null=True)),
                ("postcodes_known", models.PositiveIntegerField(default=0)),
                ("premises_known", models.PositiveIntegerField(default=0)),
                ("on_postcodes", models.PositiveIntegerField(default=0)),
                ("off_postcodes", models.PositiveIntegerField(default=0)),
                (
                    "postcodes",
                    models.PositiveIntegerField(default=0, help_text="distinct, on-net and off-net together"),
                ),
                ("on_premises", models.PositiveIntegerField(default=0)),
                ("off_premises", models.PositiveIntegerField(default=0)),
                ("premises", models.PositiveIntegerField(default=0)),
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
                        fields=("organisation", "technology", "country", "area"), name="reach_line_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReachMap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("technology", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(max_length=2)),
                ("area", models.CharField(max_length=10)),
                ("postcodes", models.BinaryField()),
                ("premises", models.BinaryField()),
                ("postcodes_count", models.PositiveIntegerField()),
                ("premises_count", models.PositiveIntegerField()),
                (
                    "footprint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reach", to="partners.footprint"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.operator"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["operator", "technology"], name="reach_map_operator")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("footprint", "technology", "country", "area"), name="reach_map_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReachRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stamp", models.CharField(max_length=64)),
                ("counted_at", models.DateTimeField()),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RejectedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=300)),
                ("raw", models.JSONField(help_text="[column, cell] pairs in the file's order")),
                (
                    "footprint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rejected", to="partners.footprint"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Terms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("answered", "Answered"),
                            ("offered", "Offered"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("replaced", "Replaced"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "regions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        default=list,
                        help_text="GB, GB:SW, GB:SW1A, US:VA, US:222; empty: wherever the operator serves",
                        size=None,
                    ),
                ),
                ("currency", models.CharField(default="GBP", max_length=3)),
                ("starts", models.DateField(blank=True, null=True)),
                ("ends", models.DateField(blank=True, help_text="first day that is no longer covered", null=True)),
                (
                    "at_list",
                    models.BooleanField(
                        default=False,
                        help_text="asked: an answer not above list is accepted beforehand; offered: other products at list price",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("created_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, help_text="why it was declined or withdrawn", max_length=1000)),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="terms", to="partners.agreement"
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
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "accepted")), fields=["agreement", "starts"], name="terms_accepted"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("agreement", "number"), name="terms_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "offered"])),
                        fields=("agreement",),
                        name="terms_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends", None), ("ends__gt", models.F("starts")), _connector="OR"),
                        name="terms_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["offered", "accepted"]), _negated=True),
                            ("starts__isnull", False),
                            _connector="OR",
                        ),
                        name="terms_has_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TermsLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("one_off", models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                ("monthly", models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                (
                    "offering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.offering"
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="partners.terms"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("terms", "offering"), name="terms_line_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="offering",
            constraint=models.UniqueConstraint(fields=("operator", "code"), name="offering_once"),
        ),
        migrations.AddConstraint(
            model_name="footprint",
            constraint=models.UniqueConstraint(fields=("operator", "number"), name="footprint_number_once"),
        ),
        migrations.AddConstraint(
            model_name="footprint",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "active")), fields=("operator",), name="footprint_one_active"
            ),
        ),
        migrations.AddConstraint(
            model_name="endpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer", None), ("operator__isnull", False)),
                    models.Q(("customer__isnull", False), ("operator", None), ("organisation__isnull", False)),
                    _connector="OR",
                ),
                name="endpoint_leads_to_one",
            ),
        ),
    ]
