# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""Registration cases and certificates, what is known of them, and their sealed copies."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from pipeline.models.claimable import Claimable, lease_constraints
from pipeline.models.holdings import Book, Office
from pipeline.models.scans import Scan
from pipeline.models.states import RecordState
from validators.verdict import Severity


class Record(Claimable):
    """One registration case or one certificate.

    Attributes:
        ordinal: place among the records of its scan, from 1; with it a second reading finds its record.
        pages: delivered pages that it covers, ascending.
        box: left, top, right, bottom in delivered pixels of `page`.
        version: rises with every correction after the seal; the sealed copies of older versions stay.
        book_key: form, year, volume and issuing unit as the record itself names them, for book rules.
        match_keys: what it is about (persons, couples, serials, parcels), to find its repeats.
        entry: entry or serial number, for lists.
        person: leading name, for lists.
        search: names and numbers without diacritics, lower case, for the search box.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="records")
    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="records")
    book = models.ForeignKey(Book, null=True, blank=True, on_delete=models.PROTECT, related_name="records")
    ordinal = models.PositiveIntegerField()
    form = models.CharField(max_length=8)
    era = models.CharField(max_length=20, blank=True, default="")
    page = models.PositiveIntegerField()
    pages = models.JSONField()
    box = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    book_key = models.CharField(max_length=400, blank=True, default="")
    match_keys = models.JSONField(default=list, blank=True)
    entry = models.CharField(max_length=80, blank=True, default="")
    person = models.CharField(max_length=200, blank=True, default="")
    search = models.TextField(blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)
    approved_by = models.CharField(max_length=150, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["scan", "ordinal"]
        constraints = [
            *lease_constraints(RecordState),
            models.UniqueConstraint(fields=["scan", "ordinal"], name="record_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["APPROVED", "SEALED", "STORED", "DELIVERED"])
                | Q(approved_at__isnull=False) & ~Q(approved_by=""),
                name="record_approved_by_someone",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="record_claim"),
            models.Index(fields=["office", "form", "state"], name="record_office_form_state"),
            models.Index(fields=["office", "book_key"], name="record_book"),
            GinIndex(fields=["match_keys"], name="record_match_keys"),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.entry} {self.person}".strip()

    def current_fields(self) -> dict[str, FieldValue]:
        """The latest word on every field, by official key."""
        return {v.key: v for v in self.values.filter(superseded_by__isnull=True).order_by("id")}


class FieldValue(models.Model):
    """What somebody or something said about one field; never changed, only superseded.

    Attributes:
        key: official name, such as ``nksHoTen``.
        written: as on paper, NFC.
        value: canonical.
        box: delivered pixels on `page`; null where nothing stands on the paper.
        signals: what the confidence rests on, kept so that corrections can teach what it is worth.
        decision: why nobody, or why somebody, has to look; see `pipeline.field_decisions`.
        said_by: engine names, ``QR``, ``text-layer``, ``keyer``, ``double-keying``, ``adjudicator`` …
        actor: the person's account; empty for machines.
        version: of the record that it belongs to.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="values")
    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=30, blank=True, default="")
    written = models.TextField(blank=True, default="")
    value = models.TextField(blank=True, default="")
    confidence = models.FloatField(default=0.0)
    status = models.CharField(max_length=16)
    ink = models.CharField(max_length=8, default="print")
    page = models.PositiveIntegerField()
    box = models.JSONField(null=True, blank=True)
    said_by = models.CharField(max_length=80)
    actor = models.CharField(max_length=150, blank=True, default="")
    accepted = models.BooleanField(default=False)
    decision = models.CharField(max_length=40, blank=True, default="")
    alternatives = models.JSONField(default=list, blank=True)
    signals = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["record", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence__gte=0) & Q(confidence__lte=1), name="confidence_share"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "EMPTY",
                        "READ",
                        "LOW_CONFIDENCE",
                        "UNREADABLE",
                        "CONFLICT",
                        "KEYED",
                        "CONFIRMED",
                    ]
                ),
                name="field_status_known",
            ),
            models.UniqueConstraint(
                fields=["record", "key"], condition=Q(supersedes__isnull=True), name="field_first_word_once"
            ),
        ]
        indexes = [
            models.Index(fields=["record", "key", "-id"], name="field_latest"),
            models.Index(
                fields=["record"],
                condition=Q(decision__in=["NEEDS_PERSON_TWO_KEYS", "NEEDS_PERSON_KEYS_DIFFER"]),
                name="field_double_keying",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Finding(models.Model):
    """A failed rule that somebody has to settle, or did.

    Attributes:
        stage: which stage raised it (``read``, ``check``, ``books``, ``chosen_book``, ``repeats``,
            ``seal``); it alone takes it back.
        withdrawn_at: set when a later run of the rule no longer raised it.
    """

    record = models.ForeignKey(
        Record, null=True, blank=True, on_delete=models.PROTECT, related_name="findings"
    )
    scan = models.ForeignKey(Scan, null=True, blank=True, on_delete=models.PROTECT, related_name="findings")
    stage = models.CharField(max_length=12)
    code = models.CharField(max_length=60)
    severity = models.CharField(max_length=16)
    fields = models.JSONField(default=list)
    message = models.TextField()
    evidence = models.JSONField(default=dict, blank=True)
    raised_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True, default="")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(severity__in=["blocks_import", "blocks_approval", "warns"]), name="severity_known"
            ),
            models.CheckConstraint(
                condition=Q(record__isnull=False) | Q(scan__isnull=False), name="finding_about_something"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | (~Q(settled_by="") & ~Q(settled_reason="")),
                name="settled_by_whom_and_why",
            ),
        ]
        indexes = [models.Index(fields=["record", "code"], name="finding_record_code")]

    def __str__(self) -> str:
        return self.code

    @property
    def open(self) -> bool:
        """Neither settled by a person nor taken back by its rule."""
        return self.settled_at is None and self.withdrawn_at is None

    @property
    def why(self) -> str:
        """Why the rule asks and what to do, for officers; "" for findings of no rule."""
        from validators.rules import rule_of  # many commands never ask, and the rules take 0.1 s to load

        rule = rule_of(self.code, Severity(self.severity))
        return rule.why if rule else ""


class RegisterCheck(models.Model):
    """One question to the population register about one person of a record.

    Attributes:
        explained: per candidate, what every column adds to its score; see
            `pipeline.register_explanation`. Other people's data, as the candidates are.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="register_checks")
    prefix = models.CharField(max_length=10)
    verdict = models.CharField(max_length=16)
    fields = models.JSONField(default=list)
    candidates = models.JSONField(default=list)
    explained = models.JSONField(default=list, blank=True)
    score = models.FloatField(default=0.0)
    source = models.CharField(max_length=80, blank=True, default="")
    request_id = models.CharField(max_length=100, blank=True, default="")
    officer = models.CharField(max_length=150, blank=True, default="")
    purpose = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    verdict__in=["MATCH", "MISMATCH", "NOT_FOUND", "AMBIGUOUS", "NOT_CHECKED", "SOURCE_DOWN"]
                ),
                name="register_verdict_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.verdict}"


class SealedCopy(models.Model):
    """A signed, locked PDF/A of one version of a record.

    Attributes:
        content_sha256: hash of what was to be sealed (values, pages, original); the key is made from it.
        sha256: of the stored bytes, which carry a signature and so differ from attempt to attempt.
        verified_at: when it was last read back by version id and proved.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="sealed_copies")
    version = models.PositiveIntegerField()
    bucket = models.CharField(max_length=80)
    key = models.CharField(max_length=500)
    version_id = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    pdfa = models.CharField(max_length=20)
    pdfa_verdict = models.CharField(max_length=16)
    signature_level = models.CharField(max_length=20)
    signer = models.CharField(max_length=300)
    signed_at = models.DateTimeField()
    timestamped_at = models.DateTimeField(null=True, blank=True)
    locked_until = models.DateTimeField()
    created = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        ordering = ["record", "version"]
        verbose_name_plural = "sealed copies"
        constraints = [
            models.UniqueConstraint(fields=["record", "version"], name="sealed_once"),
            # one signed delivery may hold several records; it is the sealed copy of each
            models.UniqueConstraint(
                fields=["bucket", "key"],
                condition=~Q(signature_level="AS_DELIVERED"),
                name="sealed_key_once",
            ),
        ]

    def __str__(self) -> str:
        return self.key
