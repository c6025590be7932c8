import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import ProgrammingError, migrations, models, transaction

import ticketing.known_errors.vectors
from ticketing.known_errors.vectors import installed


def add_pgvector(apps: object, editor: object) -> None:
    """pgvector where the server has it and lets us; without it the search goes by words alone."""
    connection = editor.connection
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')")
            if cursor.fetchone()[0]:
                cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except ProgrammingError:  # not ours to create: an administrator may do it before the migration
        return


def add_nearest(apps: object, editor: object) -> None:
    """Nearest neighbours by cosine, where pgvector is there."""
    if installed(editor.connection):
        with editor.connection.cursor() as cursor:
            cursor.execute(
                "CREATE INDEX known_error_nearest ON ticketing_knownerrorindex USING hnsw (vector vector_cosine_ops)"
            )


def drop_nearest(apps: object, editor: object) -> None:
    """The way back; the extension stays, others may use it."""
    with editor.connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS known_error_nearest")


class Migration(migrations.Migration):
    initial = True
    # What these do one after the other stands here at once, for a new database. One that has some takes the rest.
    replaces = [
        ("ticketing", "0001_initial"),
        ("ticketing", "0002_guides"),
        ("ticketing", "0003_outages"),
        ("ticketing", "0004_known_errors"),
        ("ticketing", "0005_ticket_flow"),
        ("ticketing", "0006_desk_mail"),
        ("ticketing", "0007_caller_lookup"),
        ("ticketing", "0008_board_queues"),
        ("ticketing", "0009_words_for_customers"),
        ("ticketing", "0010_outage_jobs"),
        ("ticketing", "0011_ticket_open"),
        ("ticketing", "0012_guide_run_email"),
        ("ticketing", "0013_outage_mutes"),
        ("ticketing", "0014_reports_for_a_person"),
        ("ticketing", "0015_step_by"),
        ("ticketing", "0016_said_at"),
    ]

    dependencies = [
        ("core", "0008_notices"),
        ("orders", "0001_baseline"),
        ("partners", "0001_baseline"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(add_pgvector, migrations.RunPython.noop),
        migrations.CreateModel(
            name="KnownError",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(help_text="KE-000012, shown to people", max_length=20, unique=True)),
                (
                    "code",
                    models.SlugField(blank=True, help_text="of a record that comes with the product", max_length=60),
                ),
                ("language", models.CharField(default="en", max_length=8)),
                ("title", models.CharField(max_length=200)),
                (
                    "error_strings",
                    models.JSONField(blank=True, default=list, help_text="exact texts that people or systems show"),
                ),
                ("symptom_customer", models.TextField(blank=True, max_length=4000)),
                ("symptom_technical", models.TextField(blank=True, max_length=4000)),
                (
                    "fault_class",
                    models.CharField(
                        blank=True,
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
                ("product", models.CharField(blank=True, max_length=80)),
                ("technology", models.CharField(blank=True, max_length=20)),
                ("cpe_model", models.CharField(blank=True, max_length=80)),
                ("firmware_from", models.CharField(blank=True, max_length=40)),
                ("firmware_to", models.CharField(blank=True, max_length=40)),
                ("affected", models.JSONField(blank=True, default=list, help_text="[{item, reason}]")),
                (
                    "test_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                (
                    "test_colour",
                    models.CharField(
                        blank=True, choices=[("green", "Green"), ("amber", "Amber"), ("red", "Red")], max_length=8
                    ),
                ),
                ("leds", models.CharField(blank=True, max_length=120)),
                (
                    "closure_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                ("cause", models.TextField(blank=True, max_length=4000)),
                (
                    "cause_domain",
                    models.CharField(
                        choices=[
                            ("customer", "Customer's side"),
                            ("ours", "Our network"),
                            ("partner", "Partner's network"),
                            ("process", "Orders, data or bills"),
                            ("unknown", "Not known yet"),
                        ],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                ("workaround", models.CharField(blank=True, max_length=300)),
                (
                    "steps",
                    models.JSONField(
                        blank=True, default=list, help_text="[{text, risk, consent, prerequisites, rollback}]"
                    ),
                ),
                ("verify", models.CharField(blank=True, help_text="which test must go green", max_length=200)),
                ("customer_title", models.CharField(blank=True, max_length=160)),
                ("customer_text", models.TextField(blank=True, max_length=4000)),
                ("fix_what", models.CharField(blank=True, max_length=300)),
                ("fix_owner", models.CharField(blank=True, max_length=120)),
                ("fix_eta", models.DateField(blank=True, null=True)),
                ("fix_partner_ref", models.CharField(blank=True, max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("waiting", "Waiting for approval"),
                            ("approved", "Approved"),
                            ("retired", "Retired"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "confidence",
                    models.CharField(
                        choices=[
                            ("working", "Work in progress"),
                            ("not_validated", "Not validated"),
                            ("validated", "Validated"),
                            ("archived", "Archived"),
                        ],
                        default="working",
                        max_length=14,
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("internal", "Our own people"),
                            ("reseller", "Resellers too"),
                            ("public", "Customers too"),
                        ],
                        default="internal",
                        max_length=10,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("approved_at", models.DateTimeField(null=True)),
                ("tickets_linked", models.PositiveIntegerField(default=0)),
                ("first_seen", models.DateTimeField(null=True)),
                ("last_seen", models.DateTimeField(null=True)),
                ("times_applied", models.PositiveIntegerField(default=0)),
                ("times_worked", models.PositiveIntegerField(default=0)),
                ("times_failed", models.PositiveIntegerField(default=0)),
                ("owner_group", models.CharField(blank=True, max_length=80)),
                ("review_by", models.DateField(blank=True, null=True)),
                (
                    "review_reason",
                    models.CharField(blank=True, help_text="set: it waits for somebody to look at it", max_length=300),
                ),
                (
                    "not_alike",
                    models.JSONField(blank=True, default=list, help_text="ids that somebody said are something else"),
                ),
                ("documents", models.JSONField(blank=True, default=list, help_text="[{name, url}]")),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "alike",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="ticketing.knownerror",
                    ),
                ),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.operator",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="known_errors",
                        to="core.organisation",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="newer",
                        to="ticketing.knownerror",
                    ),
                ),
            ],
            options={
                "verbose_name": "known error",
                "indexes": [
                    models.Index(fields=["organisation", "-updated_at"], name="known_error_tenant"),
                    models.Index(
                        condition=models.Q(("state", "approved")), fields=["review_by"], name="known_error_review"
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["state", "updated_at"],
                        name="known_error_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("alike__isnull", False)), fields=["alike"], name="known_error_alike"
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["test_codes"], name="known_error_codes"),
                    django.contrib.postgres.indexes.GinIndex(fields=["closure_codes"], name="known_error_closures"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("code", ""), _negated=True),
                        fields=("code",),
                        name="known_error_shipped_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            ("approved_at__isnull", False),
                            _connector="OR",
                        ),
                        name="known_error_approved_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), ("visibility", "public"), _negated=True),
                            models.Q(
                                models.Q(("customer_title", ""), _negated=True),
                                models.Q(("customer_text", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="known_error_for_customers",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Candidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("drafted", "Drafted"), ("dismissed", "Dismissed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "centre",
                    ticketing.known_errors.vectors.VectorField(help_text="mean of its tickets' vectors", null=True),
                ),
                ("terms", models.JSONField(default=dict, help_text="word → weight, summed over its tickets")),
                ("codes", models.JSONField(default=dict, help_text="test or clear code → tickets")),
                ("size", models.PositiveIntegerField(default=0)),
                ("first_seen", models.DateTimeField()),
                ("last_seen", models.DateTimeField()),
                ("why", models.CharField(blank=True, help_text="why it was dismissed", max_length=300)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="candidates",
                        to="ticketing.knownerror",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "state", "-size"], name="candidate_tenant")],
            },
        ),
        migrations.CreateModel(
            name="Guide",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60)),
                ("title", models.CharField(max_length=120)),
                (
                    "summary",
                    models.CharField(blank=True, help_text="what it does, in the reader's words", max_length=300),
                ),
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
                (
                    "audience",
                    models.CharField(
                        choices=[("customer", "Customers"), ("agent", "The desk"), ("both", "Customers and the desk")],
                        default="both",
                        max_length=8,
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField(default=5, help_text="how long it takes, about")),
                ("active", models.BooleanField(default=True)),
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
                        help_text="empty: for all",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="core.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ["title", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "slug"), name="guide_once", nulls_distinct=False)
                ],
            },
        ),
        migrations.CreateModel(
            name="GuideVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("graph", models.JSONField(help_text="{start, nodes: {id: node}}, see docs/guides.md")),
                ("note", models.CharField(blank=True, help_text="what changed and why", max_length=300)),
                ("created_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
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
                    "guide",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="ticketing.guide"
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("guide", "number"), name="guide_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")), fields=("guide",), name="guide_published_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")), fields=("guide",), name="guide_draft_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GuideRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=40, unique=True)),
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
                ("words", models.CharField(blank=True, help_text="the person's own words", max_length=500)),
                (
                    "email",
                    models.EmailField(blank=True, help_text="of somebody who has no account here", max_length=254),
                ),
                (
                    "outage",
                    models.CharField(
                        blank=True, help_text="subject of the outage that they were told of", max_length=40
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Under way"),
                            ("fixed", "Fixed"),
                            ("informed", "Told of an outage"),
                            ("escalated", "Became a ticket"),
                            ("ended", "Ended without a fix"),
                            ("left", "Left"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                (
                    "fixed_by",
                    models.CharField(blank=True, help_text="person, test: who says that it works", max_length=8),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("provisional", "Fixed, not yet confirmed"),
                            ("confirmed", "Confirmed"),
                            ("waiting", "Left, not yet judged"),
                            ("implied", "Implied"),
                            ("abandoned", "Abandoned"),
                            ("escalated", "Escalated"),
                            ("recontacted", "Came back about it"),
                            ("informed", "Told of an outage"),
                        ],
                        max_length=12,
                    ),
                ),
                ("trial", models.BooleanField(default=False, help_text="a test run of a draft: counted nowhere")),
                ("simulated", models.BooleanField(default=False, help_text="stays out of statistics")),
                ("offered_at", models.DateTimeField()),
                (
                    "first_step_at",
                    models.DateTimeField(help_text="the first step was taken: started (DOMAIN 9.4)", null=True),
                ),
                ("last_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("judge_at", models.DateTimeField(help_text="when the provisional outcome becomes final", null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "guide",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="ticketing.guide"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="guide_runs", to="core.organisation"
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="guide_runs",
                        to="orders.servicerecord",
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
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="ticketing.guideversion"
                    ),
                ),
            ],
            options={
                "ordering": ["-offered_at", "-pk"],
                "indexes": [
                    models.Index(fields=["organisation", "-offered_at"], name="guide_run_tenant"),
                    models.Index(fields=["user", "-offered_at"], name="guide_run_user"),
                    models.Index(fields=["service", "-offered_at"], name="guide_run_service"),
                    models.Index(fields=["version", "-offered_at"], name="guide_run_version"),
                    models.Index(condition=models.Q(("state", "running")), fields=["last_at"], name="guide_run_idle"),
                    models.Index(
                        condition=models.Q(("judge_at__isnull", False)), fields=["judge_at"], name="guide_run_judge"
                    ),
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
            name="KnownErrorIndex",
            fields=[
                (
                    "article",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="index",
                        serialize=False,
                        to="ticketing.knownerror",
                    ),
                ),
                ("state", models.CharField(max_length=10)),
                ("visibility", models.CharField(max_length=10)),
                ("words", django.contrib.postgres.search.SearchVectorField(null=True)),
                ("digest", models.CharField(help_text="of the text that the vector stands for", max_length=40)),
                ("vector", ticketing.known_errors.vectors.VectorField(null=True)),
                ("vector_digest", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="known_error_words"),
                    models.Index(
                        condition=models.Q(("vector_digest", models.F("digest")), _negated=True),
                        fields=["article"],
                        name="known_error_unembedded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownErrorVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="ticketing.knownerror"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [models.UniqueConstraint(fields=("article", "number"), name="known_error_version_once")],
            },
        ),
        migrations.CreateModel(
            name="KnownErrorWord",
            fields=[
                ("lexeme", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("documents", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["lexeme"], name="known_error_word_trgm", opclasses=["gin_trgm_ops"]
                    )
                ],
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
                (
                    "reported",
                    models.JSONField(default=dict, help_text="no mail but a report of a system: the event's payload"),
                ),
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
            name="OutageParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("our_key", models.CharField(max_length=80, unique=True)),
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("url", models.CharField(blank=True, max_length=300)),
                ("state", models.CharField(blank=True, help_text="as the party says, in our words", max_length=14)),
                (
                    "said_at",
                    models.DateTimeField(help_text="when it said so: what it said before comes too late", null=True),
                ),
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
                (
                    "message_number",
                    models.BigIntegerField(help_text="to a system: the hub's message; forgotten as well", null=True),
                ),
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
                            ("places", "Finding its tickets"),
                            ("update", "Telling them"),
                            ("clear", "Re-testing them"),
                            ("reopen", "Opening them again"),
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
                (
                    "give_up_at",
                    models.DateTimeField(help_text="after this time nobody asks for the result any more", null=True),
                ),
                ("lease_until", models.DateTimeField(help_text="a worker is at it until then", null=True)),
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
        migrations.AddField(
            model_name="outagechild",
            name="test",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="outage_children",
                to="ticketing.servicetest",
            ),
        ),
        migrations.CreateModel(
            name="GuideStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("node", models.CharField(max_length=60)),
                ("position", models.PositiveIntegerField()),
                ("shown_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.JSONField(default=dict, help_text="{value, …}: what was answered or found")),
                (
                    "before",
                    models.JSONField(default=dict, help_text="the answer that was given here before going back"),
                ),
                ("superseded_at", models.DateTimeField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="ticketing.guiderun"
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
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="ticketing.guideversion"
                    ),
                ),
                (
                    "test",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="guide_steps",
                        to="ticketing.servicetest",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "indexes": [models.Index(fields=["version", "node"], name="guide_step_node")],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "position"), name="guide_step_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None), ("superseded_at", None)),
                        fields=("run",),
                        name="guide_step_open",
                    ),
                ],
            },
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
                        default=list, help_text="[{title, help, evidence: none|text|file|test, mandatory, by}]"
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
                (
                    "charge_dispute",
                    models.CharField(blank=True, help_text="why the partner's charge is not due (A13)", max_length=300),
                ),
                ("tsc_at", models.DateTimeField(help_text="first handed to the TSC", null=True)),
                (
                    "knowledge_reference",
                    models.CharField(
                        blank=True,
                        help_text="the known error that a TSC fix updated or drafted; needed to close",
                        max_length=40,
                    ),
                ),
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
                        db_index=False,
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
                        db_index=False,
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
                        db_index=False,
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
                        db_index=False,
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
                    models.Index(fields=["organisation", "state", "-created_at"], name="ticket_state"),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held", "resolved"])
                        ),
                        fields=["organisation", "-created_at"],
                        name="ticket_open",
                    ),
                    models.Index(fields=["customer", "-created_at"], name="ticket_customer"),
                    models.Index(fields=["service", "-created_at"], name="ticket_service"),
                    models.Index(fields=["reported_by", "-created_at"], name="ticket_reporter"),
                    models.Index(fields=["operator", "-created_at"], name="ticket_operator"),
                    models.Index(fields=["postcode", "-created_at"], name="ticket_postcode"),
                    models.Index(
                        django.db.models.functions.text.Right(
                            models.Func(
                                models.F("contact_phone"),
                                models.Value("\\D"),
                                models.Value(""),
                                models.Value("g"),
                                function="regexp_replace",
                                output_field=models.CharField(),
                            ),
                            9,
                        ),
                        condition=models.Q(("contact_phone", ""), _negated=True),
                        name="ticket_phone",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held", "resolved"])
                        ),
                        fields=["organisation", "priority", "created_at"],
                        include=("state",),
                        name="ticket_queue",
                    ),
                    models.Index(
                        condition=models.Q(("state", "resolved")),
                        fields=["organisation", "priority", "created_at"],
                        include=("assigned_to",),
                        name="ticket_queue_resolved",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held"]),
                            ("holder__in", ["partner", "third_party", "force_majeure"]),
                        ),
                        fields=["organisation", "priority", "created_at"],
                        include=("assigned_to",),
                        name="ticket_queue_partner",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held"]),
                            ("holder", "end_customer"),
                        ),
                        fields=["organisation", "priority", "created_at"],
                        include=("assigned_to",),
                        name="ticket_queue_customer",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held"]),
                            ("holder", "us"),
                            ("tier", "tsc"),
                        ),
                        fields=["organisation", "priority", "created_at"],
                        include=("assigned_to",),
                        name="ticket_queue_tsc",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held"]),
                            ("holder", "us"),
                            models.Q(("tier", "tsc"), _negated=True),
                            ("assigned_to__isnull", True),
                        ),
                        fields=["organisation", "priority", "created_at"],
                        include=("assigned_to",),
                        name="ticket_queue_free",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held"]),
                            ("holder", "us"),
                            ("assigned_to__isnull", False),
                        ),
                        fields=["organisation", "assigned_to", "priority", "created_at"],
                        include=("tier",),
                        name="ticket_queue_hands",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held", "resolved"])
                        ),
                        fields=["organisation", "next_action_at"],
                        include=("state",),
                        name="ticket_due",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["acknowledged", "in_progress", "pending", "held", "resolved"]),
                            ("early_life", True),
                        ),
                        fields=["organisation"],
                        include=("state",),
                        name="ticket_early",
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
                ("by", models.CharField(default="desk", help_text="whose work it is: desk, partner", max_length=8)),
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
        migrations.AddField(
            model_name="servicetest",
            name="ticket",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="tests", to="ticketing.ticket"
            ),
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
                ("silent_from", models.DateTimeField(help_text="the partner owes news by then (R28)", null=True)),
                ("silence_told_at", models.DateTimeField(null=True)),
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
                    models.Index(
                        condition=models.Q(("silence_told_at", None), ("silent_from__isnull", False)),
                        fields=["silent_from"],
                        name="partner_ticket_silent",
                    ),
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
        migrations.AddField(
            model_name="outagechild",
            name="ticket",
            field=models.ForeignKey(
                help_text="empty: has not called",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="outage_children",
                to="ticketing.ticket",
            ),
        ),
        migrations.CreateModel(
            name="KnownErrorUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run", models.CharField(blank=True, help_text="guide_run:17", max_length=40)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("applied", "Applied"), ("worked", "Worked"), ("failed", "Failed")], max_length=8
                    ),
                ),
                ("at", models.DateTimeField()),
                ("judged_at", models.DateTimeField(null=True)),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="ticketing.knownerror"
                    ),
                ),
                (
                    "by",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_error_uses",
                        to="ticketing.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("run", ""), _negated=True), fields=["run"], name="known_error_use_run"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ticket__isnull", False)),
                        fields=("article", "ticket"),
                        name="known_error_use_ticket_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ticket", None), models.Q(("run", ""), _negated=True)),
                        fields=("article", "run"),
                        name="known_error_use_run_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownErrorTicket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="ticketing.knownerror"
                    ),
                ),
                (
                    "by",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_error_links",
                        to="ticketing.ticket",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("article", "ticket"), name="known_error_ticket_once")],
            },
        ),
        migrations.AddField(
            model_name="knownerror",
            name="drafted_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="drafted_known_errors",
                to="ticketing.ticket",
            ),
        ),
        migrations.AddField(
            model_name="guiderun",
            name="ticket",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="guide_runs",
                to="ticketing.ticket",
            ),
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
            name="CandidateTicket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("similarity", models.FloatField(default=1.0)),
                ("at", models.DateTimeField()),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="ticketing.candidate"
                    ),
                ),
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="candidate_member",
                        to="ticketing.ticket",
                    ),
                ),
            ],
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
                ("why", models.CharField(blank=True, help_text="why a person must look at it", max_length=200)),
                (
                    "automatic",
                    models.BooleanField(default=False, help_text="written by a machine: kept, never answered"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ticket_mails", to="core.organisation"
                    ),
                ),
                (
                    "suggested",
                    models.ForeignKey(
                        help_text="which ticket it seems to be about",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="ticketing.ticket",
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
                ("until", models.DateTimeField(help_text="when it is looked at again at the latest", null=True)),
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
                    "notes_to_customer",
                    models.BooleanField(default=True, help_text="the customer reads what this partner notes"),
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
        migrations.AddField(
            model_name="knownerrorindex",
            name="organisation",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
            ),
        ),
        migrations.AddConstraint(
            model_name="outagechild",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ticket__isnull", False)),
                fields=("outage", "ticket"),
                name="outage_child_ticket_once",
            ),
        ),
        migrations.RunPython(add_nearest, drop_nearest),
    ]
