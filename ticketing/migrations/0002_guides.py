import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_mail_sent"),
        ("core", "__first__"),
        ("orders", "0007_board_entry"),
        ("ticketing", "0001_initial"),
    ]

    operations = [
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
                    "ticket",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="guide_runs",
                        to="ticketing.ticket",
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
                "ordering": ["-offered_at", "-pk"],
                "indexes": [
                    models.Index(fields=["organisation", "-offered_at"], name="guide_run_tenant"),
                    models.Index(fields=["user", "-offered_at"], name="guide_run_user"),
                    models.Index(fields=["service", "-offered_at"], name="guide_run_service"),
                    models.Index(condition=models.Q(("state", "running")), fields=["last_at"], name="guide_run_idle"),
                    models.Index(
                        condition=models.Q(("judge_at__isnull", False)), fields=["judge_at"], name="guide_run_judge"
                    ),
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
                    "test",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="guide_steps",
                        to="ticketing.servicetest",
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
        migrations.AddField(
            model_name="guiderun",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="ticketing.guideversion"
            ),
        ),
        migrations.AddIndex(
            model_name="guiderun",
            index=models.Index(fields=["version", "-offered_at"], name="guide_run_version"),
        ),
    ]
