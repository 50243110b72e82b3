"""Puts what is there into half of the calls of `fuzz_api`: refusals alone tell little of the answers."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import schemathesis

from pipeline.cli.status import set_up_django

set_up_django()

from pipeline.machines.models import PackageOrder, Webhook  # noqa: E402 - wants Django
from pipeline.models import Batch, Office, SealedCopy  # noqa: E402 - wants Django

_COPY = SealedCopy.objects.order_by("id").first()
_KEYS = {
    "batches": Batch.objects.values_list("pk", flat=True).first(),
    "records": _COPY and _COPY.record_id,
    "packages": PackageOrder.objects.filter(state="MADE").values_list("pk", flat=True).first(),
    "webhooks": Webhook.objects.filter(withdrawn_at=None).values_list("pk", flat=True).first(),
}
_OFFICE = Office.objects.order_by("id").values_list("code", flat=True).first()


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """A key that is there; withdrawing is left to keys that are not, or there would soon be none."""
    known = _KEYS.get(context.operation.path.split("/")[3])
    if known and context.operation.method != "delete" and _chosen(path_parameters):
        path_parameters |= {"pk": str(known), **({"version": 1} if "version" in path_parameters else {})}
    return path_parameters


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """An office that is there, and an address that may be told."""
    if isinstance(body, dict) and "office" in body and _chosen(body):
        body["office"] = _OFFICE
        if "url" in body:
            body["url"] = "https://motcua.example.vn/tin"
    return body


def _chosen(given: Any) -> bool:
    return crc32(repr(given).encode()) % 2 == 0
