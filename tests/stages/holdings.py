"""Offices, batches, scans and records as tests need them."""

from __future__ import annotations

import hashlib
import io
import uuid
from typing import Any

import numpy as np
from django.utils import timezone
from PIL import Image

from pipeline.models import Batch, Office, Record, Scan


def make_office(code: str = "23942") -> Office:
    return Office.objects.get_or_create(code=code, defaults={"name": "UBND xã Ia Rong"})[0]


def make_batch(office: Office | None = None, **values: Any) -> Batch:
    given = {"state": "CHECKED", "state_since": timezone.now(), "actor": "lan"} | values
    return Batch.objects.create(office=office or make_office(), **given)


def make_scan(batch: Batch | None = None, **values: Any) -> Scan:
    batch = batch or make_batch()
    sha256 = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
    given = {
        "state": "RECEIVED",
        "state_since": timezone.now(),
        "sha256": sha256,
        "name": "trang.jpg",
        "size": 1,
        "bucket": "b",
        "key": sha256,
        "version_id": "v",
    } | values
    return Scan.objects.create(office=batch.office, batch=batch, **given)


def make_record(scan: Scan | None = None, **values: Any) -> Record:
    scan = scan or make_scan(state="READ")
    given = {
        "state": "READ",
        "state_since": timezone.now(),
        "ordinal": scan.records.count() + 1,
        "form": "KS",
        "page": 1,
        "pages": [1],
        "box": [0, 0, 10, 10],
    } | values
    return Record.objects.create(office=scan.office, scan=scan, **given)


def picture(seed: int) -> bytes:
    """A small JPEG of noise, another one for every seed."""
    noise = np.random.default_rng(seed).integers(0, 255, (200, 160, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", quality=60, dpi=(200, 200))
    return buffer.getvalue()
