import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    # What these do one after the other stands here at once, for a new database. One that has some takes the rest.
    replaces = [
        ("orders", "0001_initial"),
        ("orders", "0002_initial"),
        ("orders", "0003_silence_told"),
        ("orders", "0004_board_indexes"),
        ("orders", "0005_open_orders"),
        ("orders", "0006_changes"),
        ("orders", "0007_board_entry"),
        ("orders", "0008_caller_lookup"),
    ]

    dependencies = [
        ("core", "0008_notices"),
        ("partners", "0001_baseline"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DecompositionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                (
                    "when_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("broadband", "Broadband"),
                            ("ethernet", "Ethernet"),
                            ("device", "Device"),
                            ("sim", "SIM"),
                            ("delivery", "Delivery"),
                        ],
                        max_length=12,
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("optional", models.BooleanField(default=False, help_text="offered, not forced")),
                (
                    "order_dependency",
                    models.CharField(
                        choices=[
                            ("none", "independent"),
                            ("after", "after the main item"),
                            ("before", "before the main item"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "add_offering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.offering"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        help_text="the tenant; empty: for all",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="core.organisation",
                    ),
                ),
                (
                    "when_offering",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="partners.offering",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("when_kind", ""), _negated=True),
                            ("when_offering__isnull", False),
                            _connector="OR",
                        ),
                        name="decomposition_has_condition",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Fact",
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
                    "update_type",
                    models.CharField(
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
                (
                    "sequence",
                    models.BigIntegerField(help_text="the partner's own numbering, where it has one", null=True),
                ),
                ("issued_at", models.DateTimeField(help_text="when it happened, by whoever says so")),
                ("received_at", models.DateTimeField()),
                (
                    "data",
                    models.JSONField(
                        default=dict, help_text="reason, raw_reason, text, dates, partner_ref, milestone, charge …"
                    ),
                ),
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
            ],
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(help_text="OFX-000123, shown to people", max_length=20, unique=True)),
                (
                    "external_id",
                    models.CharField(blank=True, help_text="the id in the buyer's own system", max_length=80),
                ),
                ("idempotency_key", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("validated", "Validated"),
                            ("submitted", "Submitted"),
                            ("failed_to_send", "Failed to send"),
                            ("acknowledged", "Acknowledged"),
                            ("in_progress", "In progress"),
                            ("pending", "Pending"),
                            ("held", "Held"),
                            ("assessing_charge", "Charge awaits our answer"),
                            ("assessing_amend", "Partner weighs our change"),
                            ("assessing_cancel", "Partner weighs our cancel"),
                            ("completed", "Completed"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                            ("partial", "Part delivered"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("country", models.CharField(default="GB", max_length=2)),
                ("place_text", models.CharField(help_text="the place as people read it", max_length=300)),
                ("postcode", models.CharField(max_length=12)),
                ("requested_date", models.DateField(help_text="crd: the customer needs it by", null=True)),
                ("contact_name", models.CharField(blank=True, max_length=120)),
                ("contact_phone", models.CharField(blank=True, max_length=40)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("access_notes", models.TextField(blank=True, max_length=1000)),
                ("simulated", models.BooleanField(default=False, help_text="stays out of statistics and promises")),
                ("value_monthly", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("currency", models.CharField(default="GBP", max_length=3)),
                ("created_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
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
                ("blocked_since", models.DateTimeField(null=True)),
                ("blocked_reason", models.CharField(blank=True, max_length=40)),
                ("next_action", models.CharField(blank=True, max_length=120)),
                ("committed_date", models.DateField(null=True)),
                ("target_date", models.DateField(null=True)),
                ("in_jeopardy", models.BooleanField(default=False)),
                (
                    "silent_from",
                    models.DateTimeField(help_text="when the silence of a partner becomes a signal", null=True),
                ),
                ("last_news_at", models.DateTimeField(null=True)),
                (
                    "address",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.address"
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
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders_as_customer",
                        to="core.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="core.organisation"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.place"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "-created_at"], name="order_tenant"),
                    models.Index(fields=["organisation", "state", "-created_at"], name="order_tenant_state"),
                    models.Index(fields=["customer", "-created_at"], name="order_customer"),
                    models.Index(fields=["organisation", "postcode"], name="order_postcode"),
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
                        name="order_phone",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None), ("blocked_since__isnull", False)),
                        fields=["organisation", "holder", "blocked_since"],
                        name="order_blocked",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None), ("blocked_since__isnull", False)),
                        fields=["organisation", "holder", "-value_monthly"],
                        name="order_blocked_value",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["organisation", "-created_at"],
                        name="order_open",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None), ("in_jeopardy", True)),
                        fields=["organisation", "-created_at"],
                        name="order_jeopardy",
                    ),
                    models.Index(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=["organisation", "external_id"],
                        name="order_external",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["organisation", "target_date"],
                        name="order_target",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None), ("silent_from__isnull", False)),
                        fields=["organisation", "silent_from"],
                        name="order_silent",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key", ""), _negated=True),
                        fields=("organisation", "idempotency_key"),
                        name="order_idempotency_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=4000)),
                ("internal", models.BooleanField(default=True)),
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
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="orders.order"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BoardEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "narrowing",
                    models.CharField(
                        help_text="operator's id and kind of product: 7:, :device, 7:device", max_length=60
                    ),
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
                ("blocked_since", models.DateTimeField(null=True)),
                ("value_monthly", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("target_date", models.DateField(help_text="none where the order is completed", null=True)),
                ("silent_from", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="board_entries",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("blocked_since__isnull", False)),
                        fields=["organisation", "narrowing", "holder", "blocked_since"],
                        name="board_blocked",
                    ),
                    models.Index(
                        condition=models.Q(("blocked_since__isnull", False)),
                        fields=["organisation", "narrowing", "holder", "-value_monthly"],
                        name="board_blocked_value",
                    ),
                    models.Index(
                        condition=models.Q(("target_date__isnull", False)),
                        fields=["organisation", "narrowing", "target_date", "-value_monthly"],
                        name="board_target",
                    ),
                    models.Index(
                        condition=models.Q(("silent_from__isnull", False)),
                        fields=["organisation", "narrowing", "silent_from"],
                        name="board_silent",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("order", "narrowing"), name="board_entry_once")],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.FileField(upload_to="attachments/%Y/%m/")),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
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
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="orders.order"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrderItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "action",
                    models.CharField(
                        choices=[("add", "Add"), ("modify", "Modify"), ("delete", "Cease"), ("noChange", "No change")],
                        default="add",
                        max_length=10,
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("validated", "Validated"),
                            ("submitted", "Submitted"),
                            ("failed_to_send", "Failed to send"),
                            ("acknowledged", "Acknowledged"),
                            ("in_progress", "In progress"),
                            ("pending", "Pending"),
                            ("held", "Held"),
                            ("assessing_charge", "Charge awaits our answer"),
                            ("assessing_amend", "Partner weighs our change"),
                            ("assessing_cancel", "Partner weighs our cancel"),
                            ("completed", "Completed"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                            ("partial", "Part delivered"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("one_off", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("monthly", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("currency", models.CharField(default="GBP", max_length=3)),
                ("characteristics", models.JSONField(default=dict)),
                (
                    "added_by_rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="orders.decompositionrule",
                    ),
                ),
                ("depends_on", models.ManyToManyField(blank=True, related_name="needed_by", to="orders.orderitem")),
                (
                    "offering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.offering"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="orders.order"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("order", "position"), name="order_item_position_once")],
            },
        ),
        migrations.CreateModel(
            name="PartnerOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("our_key", models.CharField(max_length=80, unique=True)),
                ("simulated", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("validated", "Validated"),
                            ("submitted", "Submitted"),
                            ("failed_to_send", "Failed to send"),
                            ("acknowledged", "Acknowledged"),
                            ("in_progress", "In progress"),
                            ("pending", "Pending"),
                            ("held", "Held"),
                            ("assessing_charge", "Charge awaits our answer"),
                            ("assessing_amend", "Partner weighs our change"),
                            ("assessing_cancel", "Partner weighs our cancel"),
                            ("completed", "Completed"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                            ("partial", "Part delivered"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("partner_ref", models.CharField(blank=True, max_length=120)),
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
                ("blocked_since", models.DateTimeField(null=True)),
                ("blocked_reason", models.CharField(blank=True, max_length=40)),
                ("blocked_text", models.CharField(blank=True, max_length=500)),
                ("committed", models.BooleanField(default=False)),
                ("held", models.BooleanField(default=False)),
                ("in_jeopardy", models.BooleanField(default=False)),
                ("crd", models.DateField(null=True)),
                ("icdd", models.DateField(help_text="the first committed date, kept for ever", null=True)),
                (
                    "committed_date",
                    models.DateField(help_text="frozen; moves only at our or our customer's request", null=True),
                ),
                ("target_date", models.DateField(help_text="the partner's forecast; may slip", null=True)),
                ("submitted_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("committed_at", models.DateTimeField(null=True)),
                ("completed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("last_news_at", models.DateTimeField(null=True)),
                ("silent_from", models.DateTimeField(null=True)),
                ("silence_told_at", models.DateTimeField(help_text="when this silence was told of: once", null=True)),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="partner_order", to="orders.orderitem"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partner_orders",
                        to="partners.operator",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="partner_orders", to="orders.order"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partner_orders",
                        to="core.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["operator", "state"], name="partner_order_operator"),
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["order", "operator"], name="partner_order_open"
                    ),
                    models.Index(
                        condition=models.Q(("partner_ref", ""), _negated=True),
                        fields=["partner_ref"],
                        name="partner_order_ref",
                    ),
                    models.Index(fields=["organisation", "operator", "completed_at"], name="partner_order_done"),
                    models.Index(
                        condition=models.Q(("silence_told_at", None), ("silent_from__isnull", False)),
                        fields=["silent_from"],
                        name="partner_order_silent",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("icdd", None), ("committed_at__isnull", False), _connector="OR"),
                        name="icdd_is_committed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MilestoneReached",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("ADDRESS_RESOLVED", "Address resolved"),
                            ("OFFER_SELECTED", "Offer selected"),
                            ("QUOTED", "Quoted"),
                            ("SITE_PACK_COMPLETE", "Site pack complete"),
                            ("SUBMITTED", "Submitted"),
                            ("ACKNOWLEDGED", "KCI1 acknowledged"),
                            ("SURVEY_BOOKED", "Survey booked"),
                            ("SURVEY_DONE", "Survey done"),
                            ("ECC_RAISED", "Excess charge raised"),
                            ("ECC_ACCEPTED", "Excess charge accepted"),
                            ("WAYLEAVE_REQUESTED", "Wayleave requested"),
                            ("WAYLEAVE_SIGNED", "Wayleave signed"),
                            ("PERMIT_GRANTED", "Permit granted"),
                            ("COMMITTED", "KCI2 committed"),
                            ("BUILD_STARTED", "Build started"),
                            ("BUILD_COMPLETE", "Build complete"),
                            ("READINESS_OK", "Customer ready"),
                            ("VISIT_STARTED", "Engineer on site"),
                            ("FIT_TEST_DONE", "Fitted and tested"),
                            ("COMPLETED", "KCI3 completed"),
                            ("ACCEPTED", "Accepted"),
                        ],
                        max_length=24,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "source",
                    models.CharField(
                        choices=[("partner", "Partner"), ("us", "Us"), ("customer", "Customer"), ("system", "System")],
                        max_length=10,
                    ),
                ),
                (
                    "partner_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="milestones", to="orders.partnerorder"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [models.UniqueConstraint(fields=("partner_order", "code"), name="milestone_once")],
            },
        ),
        migrations.CreateModel(
            name="Flag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("committed", "Committed"),
                            ("held", "Held"),
                            ("pending", "Pending"),
                            ("jeopardy", "In jeopardy"),
                            ("assessing_charge", "Charge awaits our answer"),
                            ("assessing_amend", "Partner weighs our change"),
                            ("assessing_cancel", "Partner weighs our cancel"),
                        ],
                        max_length=20,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, help_text="canonical reason", max_length=40)),
                ("raw_reason", models.CharField(blank=True, help_text="the partner's own word", max_length=120)),
                ("text", models.CharField(blank=True, max_length=500)),
                (
                    "clock_owner",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("us", "Us"),
                            ("partner", "Partner"),
                            ("end_customer", "Customer"),
                            ("third_party", "Third party"),
                            ("force_majeure", "Force majeure"),
                        ],
                        help_text="as claimed",
                        max_length=15,
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("open", "Not judged yet"), ("accepted", "Accepted"), ("disputed", "Disputed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "verdict_owner",
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
                ("verdict_note", models.CharField(blank=True, max_length=500)),
                (
                    "fact",
                    models.ForeignKey(
                        help_text="the fact that opened it",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.fact",
                    ),
                ),
                (
                    "partner_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="flags", to="orders.partnerorder"
                    ),
                ),
            ],
            options={
                "ordering": ["opened_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("partner_order", "kind", "fact"), name="flag_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at", None), ("closed_at__gte", models.F("opened_at")), _connector="OR"
                        ),
                        name="flag_period",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="fact",
            name="partner_order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="facts", to="orders.partnerorder"
            ),
        ),
        migrations.CreateModel(
            name="DateChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(help_text="crd, committed_date, target_date, icdd", max_length=20)),
                ("old", models.DateField(null=True)),
                ("new", models.DateField(null=True)),
                (
                    "requester",
                    models.CharField(
                        choices=[("partner", "Partner"), ("us", "Us"), ("customer", "Customer"), ("system", "System")],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("text", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "fact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="date_changes", to="orders.fact"
                    ),
                ),
                (
                    "partner_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="date_changes",
                        to="orders.partnerorder",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("field", "target_date"), ("old__isnull", False)),
                        fields=["-at"],
                        name="date_change_slip",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("fact", "field"), name="date_change_once")],
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
        migrations.CreateModel(
            name="CancelRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("assessing", "Partner weighs it"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("requested_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=300)),
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
                    "partner_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cancel_requests",
                        to="orders.partnerorder",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["requested", "assessing", "accepted"])),
                        fields=("partner_order",),
                        name="cancel_one_open",
                    )
                ],
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
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "partner_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="amend_requests",
                        to="orders.partnerorder",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [models.UniqueConstraint(fields=("partner_order", "number"), name="amend_number_once")],
            },
        ),
        migrations.CreateModel(
            name="ServiceRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("partner_ref", models.CharField(blank=True, max_length=120)),
                ("place_text", models.CharField(max_length=300)),
                ("postcode", models.CharField(max_length=12)),
                ("country", models.CharField(default="GB", max_length=2)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("ceased", "Ceased")], default="active", max_length=10
                    ),
                ),
                ("active_from", models.DateTimeField()),
                ("ceased_at", models.DateTimeField(null=True)),
                ("simulated", models.BooleanField(default=False)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services_as_customer",
                        to="core.organisation",
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="service", to="orders.orderitem"
                    ),
                ),
                (
                    "offering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.offering"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="services", to="partners.operator"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="services", to="core.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "customer"], name="service_customer"),
                    models.Index(fields=["organisation", "-active_from"], name="service_tenant"),
                    models.Index(fields=["organisation", "postcode"], name="service_postcode"),
                    models.Index(
                        condition=models.Q(("partner_ref", ""), _negated=True),
                        fields=["operator", "partner_ref"],
                        name="service_partner_ref",
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
        migrations.CreateModel(
            name="StageExpectation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("validated", "Validated"),
                            ("submitted", "Submitted"),
                            ("failed_to_send", "Failed to send"),
                            ("acknowledged", "Acknowledged"),
                            ("in_progress", "In progress"),
                            ("pending", "Pending"),
                            ("held", "Held"),
                            ("assessing_charge", "Charge awaits our answer"),
                            ("assessing_amend", "Partner weighs our change"),
                            ("assessing_cancel", "Partner weighs our cancel"),
                            ("completed", "Completed"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                            ("partial", "Part delivered"),
                        ],
                        max_length=20,
                    ),
                ),
                ("p90_hours", models.FloatField()),
                ("sample", models.PositiveIntegerField()),
                ("computed_at", models.DateTimeField()),
                (
                    "operator",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.operator"
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "operator", "state"), name="stage_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(fields=["partner_order", "issued_at"], name="fact_order"),
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.UniqueConstraint(fields=("partner_order", "dedupe_key"), name="fact_once"),
        ),
    ]
