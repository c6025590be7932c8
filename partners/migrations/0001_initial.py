import django.contrib.postgres.constraints
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import ofx.core.secrets


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        ("core", "__first__"),
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
                ("kind", models.CharField(help_text="the connector: tmf622, email", max_length=20)),
                (
                    "dialect",
                    models.CharField(blank=True, help_text="the mapping that understands its words", max_length=40),
                ),
                ("name", models.CharField(max_length=120)),
                ("base_url", models.CharField(blank=True, max_length=300)),
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
                ("published_at", models.DateTimeField(null=True)),
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
                ("entity_type", models.CharField(default="order", max_length=40)),
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
                        condition=models.Q(("closed_at", None)), fields=["next_refresh_at"], name="leg_refresh_due"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
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
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("worker", models.CharField(blank=True, max_length=80)),
                (
                    "last_outcome",
                    models.CharField(blank=True, help_text="success, retry, never, unknown", max_length=12),
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
                        condition=models.Q(("state", "stored")), fields=["next_attempt_at", "id"], name="message_in_due"
                    ),
                    models.Index(fields=["organisation", "-created_at"], name="message_tenant"),
                    models.Index(fields=["endpoint", "-created_at"], name="message_endpoint"),
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
                on_delete=django.db.models.deletion.CASCADE, related_name="endpoints", to="partners.operator"
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
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("ended", "Ended"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("currency", models.CharField(default="GBP", max_length=3)),
                ("starts", models.DateField()),
                ("ends", models.DateField(blank=True, help_text="first day that is no longer covered", null=True)),
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends", None), ("ends__gt", models.F("starts")), _connector="OR"),
                        name="agreement_period",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("state", "ended"), _negated=True),
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
            name="RejectedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=300)),
                ("raw", models.JSONField()),
                (
                    "footprint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rejected", to="partners.footprint"
                    ),
                ),
            ],
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
    ]
