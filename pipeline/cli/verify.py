"""`sohoa verify`: prove stored copies again."""

from __future__ import annotations

import contextlib
import getpass
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from pipeline.verification import Progress

_SHOWN = 10_000
"""Reports of single objects that one run hands out; failed ones are always handed out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be proved.

    Attributes:
        share: of the keys; None for all.
    """

    prefix: str
    share: float | None
    seed: str
    restart: bool


@click.command("verify", help="Chứng minh lại các bản đã ký: còn đủ, không đổi, chữ ký đúng, còn khóa.")
@click.argument("what", required=False)
@click.option("--all", "everything", is_flag=True, help="Mọi đối tượng trong kho.")
@click.option("--sample", type=click.FloatRange(0, 1, min_open=True), help="Chỉ chứng minh tỷ lệ này (0–1).")
@click.option("--seed", default="", help="Hạt giống của mẫu; cùng hạt giống thì cùng mẫu.")
@click.option("--restart", is_flag=True, help="Bắt đầu lại từ đầu thay vì tiếp tục chỗ đã dừng.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Ghi báo cáo JSON vào tệp.")
@click.option("--store-only", is_flag=True, help="Chỉ dùng kho và tệp tin cậy, không hỏi cơ sở dữ liệu.")
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM các chứng thư gốc; mặc định theo cấu hình.",
)
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(
    what: str | None,
    everything: bool,
    sample: float | None,
    seed: str,
    restart: bool,
    report: Path | None,
    store_only: bool,
    trust: Path | None,
    as_json: bool,
) -> int:
    """Prove one file, the objects under one key, or all; exit code 7 where something was changed."""
    if (everything or sample is not None) == bool(what):
        raise click.UsageError("Hãy nêu một tệp hoặc một khóa, hoặc dùng --all.")
    settings = load_settings()
    progress: Progress | None = None
    validator = contextlib.nullcontext() if available() else VeraPdf()
    with validator as vera:
        if what and Path(what).is_file():
            checks = verify_pdf(
                Path(what).read_bytes(), load_trust(trust or _trust_of(settings)), validator=vera
            )
            reports = [ObjectReport("", what, "", tuple(checks))]
        else:
            asked = Asked(what or "", sample, seed or datetime.now(UTC).date().isoformat(), restart)
            reports, progress = _stored(settings, asked, trust, vera, ask_index=not store_only)
    result = _result(reports)
    if progress is not None:
        result["walk"] = {**asdict(progress), "objects_per_second": round(progress.per_second, 2)}
        from pipeline.verification import summary

        result["summary"] = summary(progress)
        result["totals"] |= {"objects": sum(progress.counts.values())}
        result["totals"] |= {o.value: progress.counts.get(o.value, 0) for o in Outcome}
    if report is not None:
        report.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")
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
    settings: Settings, asked: Asked, trust: Path | None, vera: VeraPdf | None, *, ask_index: bool
) -> tuple[list[ObjectReport], Progress]:
    """Walk all buckets; keeps the reports of single objects only where they are few or not passed."""
    parts = ("store", "postgres") if ask_index else ("store",)
    with connected(settings, parts) as endpoints:
        roots = load_trust(trust or endpoints.trust_roots or _trust_of(settings))
        set_up_django()
        from pipeline.intake import reading_store
        from pipeline.verification import Progress, count, sampler, tell_incidents, walk

        store = reading_store(settings, endpoints)
        state = settings.data_dir / "verify.json"
        if asked.restart or asked.prefix:
            state.unlink(missing_ok=True)
        progress = Progress.at(state, f"{asked.prefix}|{asked.share}|{asked.seed if asked.share else ''}")
        chosen = sampler(asked.share, asked.seed) if asked.share else lambda key: True

        def prove(bucket: str, after: str) -> Iterator[ObjectReport]:
            return verify_bucket(
                store, bucket, roots, prefix=asked.prefix, after=after, chosen=chosen, validator=vera
            )

        buckets = (settings.bucket_sealed, settings.bucket_originals, settings.bucket_packages)
        reports = []
        for report in walk(progress, state, buckets, prove):
            if len(reports) < _SHOWN or report.outcome is Outcome.FAILED:
                reports.append(report)
        if ask_index:
            for lost in _missing(store, asked.prefix):
                reports.append(lost)
                count(progress, lost)
            tell_incidents(progress, actor=getpass.getuser())
        return reports, progress


def _missing(store: ObjectStore, prefix: str) -> Iterator[ObjectReport]:
    """Copies that the index knows and the store does not, or not as the first version of their key."""
    from pipeline.models import SealedCopy

    rows = SealedCopy.objects.filter(key__startswith=prefix).values_list("bucket", "key", "version_id")
    for bucket, key, version_id in rows.iterator():
        contents = [v for v in store.versions_of(bucket, key) if not v.delete_marker]
        if not contents or contents[-1].version_id != version_id:
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
