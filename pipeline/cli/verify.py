"""`sohoa verify`: prove stored copies again."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from pipeline.cli.status import set_up_django
from pipeline.configuration import ConfigurationError, Settings, load_settings
from pipeline.embedded import connected
from pipeline.exit_codes import ExitCode
from storage.checks import Check, Outcome, failed
from storage.objects import ObjectStore
from storage.verapdf import VeraPdf, available
from storage.verify import ObjectReport, load_trust, verify_bucket, verify_pdf


@click.command("verify", help="Chứng minh lại các bản đã ký: còn đủ, không đổi, chữ ký đúng, còn khóa.")
@click.argument("what", required=False)
@click.option("--all", "everything", is_flag=True, help="Mọi đối tượng trong kho.")
@click.option("--store-only", is_flag=True, help="Chỉ dùng kho và tệp tin cậy, không hỏi cơ sở dữ liệu.")
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM các chứng thư gốc; mặc định theo cấu hình.",
)
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(what: str | None, everything: bool, store_only: bool, trust: Path | None, as_json: bool) -> int:
    """Prove one file, the objects under one key, or all; exit code 7 where something was changed."""
    if everything == bool(what):
        raise click.UsageError("Hãy nêu một tệp hoặc một khóa, hoặc dùng --all.")
    settings = load_settings()
    validator = contextlib.nullcontext() if available() else VeraPdf()
    with validator as vera:
        if what and Path(what).is_file():
            checks = verify_pdf(
                Path(what).read_bytes(), load_trust(trust or _trust_of(settings)), validator=vera
            )
            reports = [ObjectReport("", what, "", tuple(checks))]
        else:
            reports = _stored(settings, what or "", trust, vera, ask_index=not store_only)
    result = _result(reports)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        _show(reports, result["totals"])
    return int(ExitCode.INTEGRITY if result["totals"]["FAILED"] else ExitCode.OK)


def _trust_of(settings: Settings) -> Path:
    """Where the roots stand when no server runs."""
    found = settings.trust_roots or settings.data_dir / "authority" / "trust.pem"
    if not found.is_file():
        raise ConfigurationError("Chưa có tệp chứng thư gốc. Hãy thêm --trust TỆP.pem hoặc gõ: sohoa up")
    return found


def _stored(
    settings: Settings, prefix: str, trust: Path | None, vera: VeraPdf | None, *, ask_index: bool
) -> list[ObjectReport]:
    parts = ("store", "postgres") if ask_index else ("store",)
    with connected(settings, parts) as endpoints:
        roots = load_trust(trust or endpoints.trust_roots or _trust_of(settings))
        set_up_django()
        from pipeline.equipment import build

        vault = build(settings, endpoints).vault
        reports = [
            report
            for bucket in (vault.sealed, vault.originals)
            for report in verify_bucket(vault.store, bucket, roots, prefix=prefix, validator=vera)
        ]
        if ask_index:
            reports += _missing(vault.store, {(r.bucket, r.key, r.version_id) for r in reports}, prefix)
        return reports


def _missing(store: ObjectStore, found: set[tuple[str, str, str]], prefix: str) -> Iterator[ObjectReport]:
    """Copies that the index knows and the store does not, or not as the first version of their key."""
    from pipeline.models import SealedCopy

    rows = SealedCopy.objects.filter(key__startswith=prefix).values_list("bucket", "key", "version_id")
    for bucket, key, version_id in rows.iterator():
        if (bucket, key, version_id) not in found:
            check = failed("object", "MISSING_FROM_STORE", store=store.address.url, version=version_id)
            yield ObjectReport(bucket, key, version_id, (check,))


def _check_json(check: Check) -> dict[str, Any]:
    return {
        "subject": check.subject,
        "outcome": check.outcome.value,
        "code": check.code,
        "evidence": dict(check.evidence),
    }


def _result(reports: Iterable[ObjectReport]) -> dict[str, Any]:
    reports = list(reports)
    counts = Counter(report.outcome.value for report in reports)
    return {
        "objects": [
            {
                "bucket": r.bucket,
                "key": r.key,
                "version_id": r.version_id,
                "outcome": r.outcome.value,
                "checks": [_check_json(c) for c in r.checks],
            }
            for r in reports
        ],
        "totals": {"objects": len(reports), **{o.value: counts[o.value] for o in Outcome}},
    }


def _show(reports: list[ObjectReport], totals: dict[str, int]) -> None:
    console = Console()
    table = Table("Kho", "Bản lưu", "Kết luận", "Vì sao", title="Chứng minh lại các bản lưu")
    colours = {Outcome.PASSED: "green", Outcome.INDETERMINATE: "yellow", Outcome.FAILED: "red"}
    for report in reports:
        reasons = ", ".join(c.code for c in report.checks if c.outcome is not Outcome.PASSED)
        outcome = f"[{colours[report.outcome]}]{report.outcome.value}[/]"
        table.add_row(report.bucket, report.key, outcome, reasons)
    console.print(table)
    console.print(
        f"{totals['objects']} bản: {totals['PASSED']} đạt, {totals['INDETERMINATE']} chưa kết luận được, "
        f"{totals['FAILED']} có sự cố."
    )
