import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("office", models.CharField(blank=True, default="", max_length=40)),
                ("purpose", models.CharField(blank=True, default="", max_length=300)),
                ("verb", models.CharField(max_length=60)),
                ("subject", models.CharField(blank=True, default="", max_length=60)),
                ("data", models.JSONField(blank=True, default=dict)),
                ("previous", models.CharField(max_length=64, unique=True)),
                ("hash", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["subject", "id"], name="event_subject"),
                    models.Index(fields=["office", "at"], name="event_office_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("commune", "Xã, phường"),
                            ("land", "Văn phòng đất đai"),
                            ("department", "Sở, phòng"),
                        ],
                        default="commune",
                        max_length=20,
                    ),
                ),
                ("unit_code", models.CharField(blank=True, default="", max_length=10)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="pipeline.office",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=8)),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("volume", models.CharField(blank=True, default="", max_length=20)),
                ("issuing_unit", models.CharField(blank=True, default="", max_length=300)),
                ("expected", models.JSONField(blank=True, default=list)),
                ("closed", models.BooleanField(default=False)),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="books",
                        to="pipeline.office",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "year", "volume"],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("state", models.CharField(max_length=16)),
                ("state_since", models.DateTimeField()),
                ("lease_owner", models.CharField(blank=True, default="", max_length=120)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("hinted_at", models.DateTimeField(blank=True, null=True)),
                ("error_code", models.CharField(blank=True, default="", max_length=60)),
                ("error_message", models.TextField(blank=True, default="")),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                ("actor", models.CharField(max_length=150)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("register_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("plans_sha256", models.CharField(blank=True, default="", max_length=64)),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="pipeline.office",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "batches",
                "ordering": ["-created"],
            },
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("task", models.CharField(max_length=100)),
                ("arguments", models.JSONField(default=list)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)), fields=["id"], name="outbox_unsent"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                ("state", models.CharField(max_length=16)),
                ("state_since", models.DateTimeField()),
                ("lease_owner", models.CharField(blank=True, default="", max_length=120)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("hinted_at", models.DateTimeField(blank=True, null=True)),
                ("error_code", models.CharField(blank=True, default="", max_length=60)),
                ("error_message", models.TextField(blank=True, default="")),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("ordinal", models.PositiveIntegerField()),
                ("form", models.CharField(max_length=8)),
                ("era", models.CharField(blank=True, default="", max_length=20)),
                ("page", models.PositiveIntegerField()),
                ("pages", models.JSONField()),
                ("box", models.JSONField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("book_key", models.CharField(blank=True, default="", max_length=400)),
                ("entry", models.CharField(blank=True, default="", max_length=80)),
                ("person", models.CharField(blank=True, default="", max_length=200)),
                ("search", models.TextField(blank=True, default="")),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("approved_by", models.CharField(blank=True, default="", max_length=150)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "book",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="pipeline.book",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="pipeline.office",
                    ),
                ),
            ],
            options={
                "ordering": ["scan", "ordinal"],
            },
        ),
        migrations.CreateModel(
            name="FieldValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                ("kind", models.CharField(blank=True, default="", max_length=30)),
                ("written", models.TextField(blank=True, default="")),
                ("value", models.TextField(blank=True, default="")),
                ("confidence", models.FloatField(default=0.0)),
                ("status", models.CharField(max_length=16)),
                ("ink", models.CharField(default="print", max_length=8)),
                ("page", models.PositiveIntegerField()),
                ("box", models.JSONField(blank=True, null=True)),
                ("said_by", models.CharField(max_length=80)),
                ("actor", models.CharField(blank=True, default="", max_length=150)),
                ("accepted", models.BooleanField(default=False)),
                ("alternatives", models.JSONField(blank=True, default=list)),
                ("version", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="pipeline.fieldvalue",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="pipeline.record",
                    ),
                ),
            ],
            options={
                "ordering": ["record", "id"],
            },
        ),
        migrations.CreateModel(
            name="RegisterCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefix", models.CharField(max_length=10)),
                ("verdict", models.CharField(max_length=16)),
                ("fields", models.JSONField(default=list)),
                ("candidates", models.JSONField(default=list)),
                ("score", models.FloatField(default=0.0)),
                ("source", models.CharField(blank=True, default="", max_length=80)),
                ("request_id", models.CharField(blank=True, default="", max_length=100)),
                ("officer", models.CharField(blank=True, default="", max_length=150)),
                ("purpose", models.CharField(blank=True, default="", max_length=300)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="register_checks",
                        to="pipeline.record",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Scan",
            fields=[
                ("state", models.CharField(max_length=16)),
                ("state_since", models.DateTimeField()),
                ("lease_owner", models.CharField(blank=True, default="", max_length=120)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("hinted_at", models.DateTimeField(blank=True, null=True)),
                ("error_code", models.CharField(blank=True, default="", max_length=60)),
                ("error_message", models.TextField(blank=True, default="")),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=1000)),
                ("size", models.PositiveBigIntegerField()),
                ("media_type", models.CharField(blank=True, default="", max_length=100)),
                ("page_count", models.PositiveIntegerField(default=0)),
                ("signed", models.BooleanField(default=False)),
                ("bucket", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=500)),
                ("version_id", models.CharField(max_length=200)),
                ("received_at", models.DateTimeField(auto_now_add=True)),
                ("codes", models.JSONField(blank=True, default=list)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scans", to="pipeline.batch"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scans",
                        to="pipeline.office",
                    ),
                ),
            ],
            options={
                "ordering": ["received_at", "name"],
            },
        ),
        migrations.AddField(
            model_name="record",
            name="scan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="records", to="pipeline.scan"
            ),
        ),
        migrations.CreateModel(
            name="Page",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("state", models.CharField(max_length=12)),
                ("report", models.JSONField()),
                ("texts", models.JSONField(default=list)),
                (
                    "scan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pages", to="pipeline.scan"
                    ),
                ),
            ],
            options={
                "ordering": ["scan", "number"],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stage", models.CharField(max_length=12)),
                ("code", models.CharField(max_length=60)),
                ("severity", models.CharField(max_length=16)),
                ("fields", models.JSONField(default=list)),
                ("message", models.TextField()),
                ("evidence", models.JSONField(blank=True, default=dict)),
                ("raised_at", models.DateTimeField(auto_now_add=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("settled_by", models.CharField(blank=True, default="", max_length=150)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("settled_reason", models.TextField(blank=True, default="")),
                (
                    "record",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="pipeline.record",
                    ),
                ),
                (
                    "scan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="pipeline.scan",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=1000)),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("code", models.CharField(blank=True, default="", max_length=60)),
                ("message", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="pipeline.batch",
                    ),
                ),
                (
                    "scan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="pipeline.scan",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SealedCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("bucket", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=500)),
                ("version_id", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("content_sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField()),
                ("pdfa", models.CharField(max_length=20)),
                ("pdfa_verdict", models.CharField(max_length=16)),
                ("signature_level", models.CharField(max_length=10)),
                ("signer", models.CharField(max_length=300)),
                ("signed_at", models.DateTimeField()),
                ("timestamped_at", models.DateTimeField(blank=True, null=True)),
                ("locked_until", models.DateTimeField()),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("verdict", models.CharField(blank=True, default="", max_length=16)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sealed_copies",
                        to="pipeline.record",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "sealed copies",
                "ordering": ["record", "version"],
            },
        ),
        migrations.CreateModel(
            name="StageRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=60)),
                ("stage", models.CharField(max_length=12)),
                ("version", models.CharField(max_length=20)),
                ("input_sha256", models.CharField(max_length=64)),
                ("output_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("parameters", models.JSONField(default=dict)),
                ("tools", models.JSONField(default=dict)),
                ("outcome", models.CharField(max_length=8)),
                ("seconds", models.FloatField(default=0.0)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("worker", models.CharField(blank=True, default="", max_length=120)),
                ("error_code", models.CharField(blank=True, default="", max_length=60)),
                ("error_message", models.TextField(blank=True, default="")),
                ("detail", models.JSONField(blank=True, default=dict)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["subject", "stage", "-id"], name="run_subject_stage"),
                    models.Index(fields=["stage", "at"], name="run_stage_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["OK", "PARTIAL", "FAILED", "SKIPPED"])),
                        name="outcome_known",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="book",
            constraint=models.UniqueConstraint(
                fields=("office", "kind", "year", "volume", "issuing_unit"),
                name="book_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["state", "lease_until"], name="batch_claim"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["RECEIVING", "RECEIVED", "CHECKED", "QUARANTINED"])),
                name="batch_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lease_owner", ""), ("lease_until__isnull", True)),
                    models.Q(models.Q(("lease_owner", ""), _negated=True), ("lease_until__isnull", False)),
                    _connector="OR",
                ),
                name="batch_lease_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="fieldvalue",
            index=models.Index(fields=["record", "key", "-id"], name="field_latest"),
        ),
        migrations.AddConstraint(
            model_name="fieldvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidence__gte", 0), ("confidence__lte", 1)), name="confidence_share"
            ),
        ),
        migrations.AddConstraint(
            model_name="fieldvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["EMPTY", "READ", "LOW_CONFIDENCE", "UNREADABLE", "CONFLICT", "KEYED", "CONFIRMED"],
                    )
                ),
                name="field_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="fieldvalue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("supersedes__isnull", True)),
                fields=("record", "key"),
                name="field_first_word_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="registercheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "verdict__in",
                        ["MATCH", "MISMATCH", "NOT_FOUND", "AMBIGUOUS", "NOT_CHECKED", "SOURCE_DOWN"],
                    )
                ),
                name="register_verdict_known",
            ),
        ),
        migrations.AddIndex(
            model_name="scan",
            index=models.Index(fields=["state", "lease_until"], name="scan_claim"),
        ),
        migrations.AddIndex(
            model_name="scan",
            index=models.Index(fields=["batch", "state"], name="scan_batch_state"),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["RECEIVED", "PREPARED", "READ", "RESCAN", "QUARANTINED"])),
                name="scan_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lease_owner", ""), ("lease_until__isnull", True)),
                    models.Q(models.Q(("lease_owner", ""), _negated=True), ("lease_until__isnull", False)),
                    _connector="OR",
                ),
                name="scan_lease_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.UniqueConstraint(fields=("office", "sha256"), name="scan_once_per_office"),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="scan_sha256_hex"
            ),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.CheckConstraint(
                condition=models.Q(("version_id", ""), _negated=True), name="scan_stored_first"
            ),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["state", "lease_until"], name="record_claim"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["office", "form", "state"], name="record_office_form_state"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["office", "book_key"], name="record_book"),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "RECEIVED",
                            "PREPARED",
                            "READ",
                            "CHECKED",
                            "ACCEPTED",
                            "TO_REVIEW",
                            "REVIEWED",
                            "APPROVED",
                            "SEALED",
                            "STORED",
                            "DELIVERED",
                            "RESCAN",
                            "QUARANTINED",
                            "SUPERSEDED",
                        ],
                    )
                ),
                name="record_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lease_owner", ""), ("lease_until__isnull", True)),
                    models.Q(models.Q(("lease_owner", ""), _negated=True), ("lease_until__isnull", False)),
                    _connector="OR",
                ),
                name="record_lease_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.UniqueConstraint(fields=("scan", "ordinal"), name="record_once"),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["APPROVED", "SEALED", "STORED", "DELIVERED"]), _negated=True),
                    models.Q(("approved_at__isnull", False), models.Q(("approved_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="record_approved_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.UniqueConstraint(fields=("scan", "number"), name="page_once"),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="page_from_one"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["record", "code"], name="finding_record_code"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__in", ["blocks_import", "blocks_approval", "warns"])),
                name="severity_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("record__isnull", False), ("scan__isnull", False), _connector="OR"),
                name="finding_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_at__isnull", True),
                    models.Q(
                        models.Q(("settled_by", ""), _negated=True),
                        models.Q(("settled_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="settled_by_whom_and_why",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["batch", "code"], name="delivery_code"),
        ),
        migrations.AddConstraint(
            model_name="sealedcopy",
            constraint=models.UniqueConstraint(fields=("record", "version"), name="sealed_once"),
        ),
        migrations.AddConstraint(
            model_name="sealedcopy",
            constraint=models.UniqueConstraint(fields=("bucket", "key"), name="sealed_key_once"),
        ),
    ]
