"""``sohoa process``: receive files and carry them to the end of the automatic stages."""

from __future__ import annotations

import getpass
import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipeline.cli.status import set_up_django
from pipeline.configuration import Settings, load_settings
from pipeline.embedded import ServiceError, connected
from pipeline.endpoints import Endpoints
from pipeline.exit_codes import ExitCode

if TYPE_CHECKING:
    from pipeline.receive import Received

PARTS = ("store", "redis", "authority", "postgres", "worker")
POLL_SECONDS = 0.5
"""Between two looks at the progress; shorter where little is left."""
STALL_SECONDS = 1800.0
"""When nothing at all has changed for so long, something is wrong that waiting does not mend."""
PATHS_SHOWN = 3
NOBODY_WAITS = frozenset({"", "DUPLICATE", "ALREADY_SIGNED", "BLANK", "COVER"})
"""Codes of files that leave nobody anything to do."""
MACHINE_IS_DONE = frozenset({"ACCEPTED", "STORED", "DELIVERED", "SUPERSEDED"})
"""States of records that wait for nobody's correction."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for on the command line."""

    paths: tuple[Path, ...]
    office: str
    register: Path | None
    books: Path | None
    approve_all: bool


@click.command(
    "process", help="Nhận tệp hoặc thư mục, đọc, kiểm tra; với --approve-all thì ký số và lưu luôn."
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--office", default="", help="Mã đơn vị; mặc định theo cấu hình.")
@click.option(
    "--register",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Tệp CSV trích từ cơ sở dữ liệu dân cư để đối chiếu.",
)
@click.option(
    "--books",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Tệp JSON ghi các sổ và số thứ tự dự kiến.",
)
@click.option(
    "--approve-all", is_flag=True, help="Duyệt hết, kể cả hồ sơ còn lỗi (chỉ để thử và trình diễn)."
)
@click.option("--strict", is_flag=True, help="Kết thúc bằng mã 3 nếu còn tệp hoặc hồ sơ chờ người xem.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON cho chương trình khác.")
def command(
    paths: tuple[Path, ...],
    office: str,
    register: Path | None,
    books: Path | None,
    approve_all: bool,
    strict: bool,
    as_json: bool,
) -> int:
    """Join the running services, or start them for as long as this takes."""
    settings = load_settings()
    console = Console(stderr=True)
    order = Order(paths, office or settings.office_code, register, books, approve_all)
    with connected(settings, PARTS) as endpoints:
        result = _carry(order, settings, endpoints, console)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        show(result, Console(), endpoints.web_url or "")
    return int(exit_code(result, strict=strict))


def exit_code(result: dict[str, Any], *, strict: bool) -> ExitCode:
    """INPUT where nothing at all could be used; HELD, if asked, where a person has to do something."""
    items = result["items"]
    if items and not any(item["scan"] for item in items):
        return ExitCode.INPUT
    codes = {item["code"] or "" for item in items}
    states = {record["state"] for item in items for record in item["records"]}
    waits = bool(codes - NOBODY_WAITS or states - MACHINE_IS_DONE)
    return ExitCode.HELD if strict and waits else ExitCode.OK


def _carry(order: Order, settings: Settings, endpoints: Endpoints, console: Console) -> dict[str, Any]:
    set_up_django()
    from pipeline.intake import open_vault, receive_limits
    from pipeline.models import Office
    from pipeline.receive import Received, open_reception

    if order.register is not None:
        from pipeline.extract_reports import examined, told_of

        for line in told_of(examined(order.register)):
            console.print(line, markup=False)
    vault = open_vault(settings, endpoints)
    office, _ = Office.objects.get_or_create(code=order.office, defaults={"name": settings.office_name})
    inputs = {}
    for name, path, kind in (
        ("register", order.register, "text/csv"),
        ("plans", order.books, "application/json"),
    ):
        if path is not None:
            data = path.read_bytes()
            inputs[f"{name}_sha256"] = hashlib.sha256(data).hexdigest()
            vault.keep_input(data, inputs[f"{name}_sha256"], kind)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Đang nhận", total=None)
        reception = open_reception(
            office,
            actor=getpass.getuser(),
            vault=vault,
            name=", ".join(str(p) for p in order.paths),
            limits=receive_limits(settings),
            **inputs,
        )
        receipts = []
        with reception as door:
            for path in order.paths:
                for receipt in door.take(path):
                    receipts.append(receipt)
                    bar.update(task, completed=len(receipts))
        received = Received(str(door.batch.pk), tuple(receipts), door.passed_over)
        bar.update(task, total=len(receipts))
        _wait(received, order.approve_all, bar)
    return outcome(received)


def _wait(received: Received, approve_all: bool, bar: Progress) -> None:
    """Follow the states until no machine has anything left to do."""
    from pipeline.models import Batch, BatchState
    from pipeline.progress import progress_of

    ids = {r.scan for r in received.receipts if r.scan}
    reading = bar.add_task("Đã đọc", total=len(ids))
    storing = bar.add_task("Đã lưu", total=None) if approve_all else None
    last, since = None, time.monotonic()
    while True:
        now = progress_of(ids, received.batch)
        bar.update(reading, completed=now.scans - now.reading, total=now.scans)
        if storing is not None:
            bar.update(storing, completed=now.stored, total=now.records)
        if approve_all and not now.reading and not now.checking and approve_waiting(ids):
            continue
        if not now.busy:
            return
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > STALL_SECONDS:
            state = BatchState(Batch.objects.get(pk=received.batch).state)
            raise ServiceError(
                f"Không có tiến triển trong {STALL_SECONDS / 60:.0f} phút (đợt nhận: {state.label})."
            )
        left = now.reading + now.checking + now.sealing
        time.sleep(min(POLL_SECONDS, max(0.1, left / 60)))


def approve_waiting(scan_ids: set[str]) -> int:
    """Approve every record of these scans that an officer could approve; how many there were."""
    from pipeline.decide import approve
    from pipeline.models import Record, RecordState

    open_states = (RecordState.ACCEPTED, RecordState.TO_REVIEW, RecordState.REVIEWED)
    rows = list(Record.objects.filter(scan__in=scan_ids, state__in=open_states))
    for record in rows:
        approve(record, actor=getpass.getuser(), reason="Duyệt hàng loạt bằng --approve-all", override=True)
    return len(rows)


def outcome(received: Received) -> dict[str, Any]:
    """What became of every file: its records, where they are kept, or why it is held."""
    from pipeline.models import Record, Scan

    scans = Scan.objects.in_bulk([r.scan for r in received.receipts if r.scan])
    records: dict[str, list[Record]] = {}
    rows = Record.objects.filter(scan__in=list(scans)).exclude(state="SUPERSEDED").order_by("ordinal")
    for record in rows.prefetch_related("findings", "sealed_copies"):
        records.setdefault(str(record.scan_id), []).append(record)
    by_id = {str(pk): scan for pk, scan in scans.items()}
    items = []
    for receipt in received.receipts:
        scan = by_id.get(receipt.scan or "")
        code = receipt.code or (scan.error_code if scan else "")
        message = receipt.message if receipt.code or not code else scan.error_message
        items.append(
            {
                "path": receipt.path,
                "sha256": receipt.sha256,
                "code": code or None,
                "message": message,
                "scan": receipt.scan,
                "records": [record_outcome(r) for r in records.get(receipt.scan or "", [])],
            }
        )
    return {"batch": received.batch, "items": items, "totals": totals(items, received.passed_over)}


def record_outcome(record: Any) -> dict[str, Any]:
    """One record as ``sohoa process --json`` prints it."""
    copy = next((c for c in record.sealed_copies.all() if c.version == record.version), None)
    return {
        "id": str(record.pk),
        "form": record.form,
        "era": record.era,
        "state": record.state,
        "code": record.error_code or None,
        "findings": sorted({f.code for f in record.findings.all() if f.open}),
        "sealed": copy
        and {"bucket": copy.bucket, "key": copy.key, "version_id": copy.version_id, "sha256": copy.sha256},
    }


def totals(items: Sequence[dict[str, Any]], passed_over: int) -> dict[str, Any]:
    """Counts over all items."""
    seen: dict[str, dict[str, Any]] = {r["id"]: r for item in items for r in item["records"]}
    return {
        "files": len(items),
        "passed_over": passed_over,
        "records": len(seen),
        "sealed": sum(1 for r in seen.values() if r["sealed"]),
        "states": dict(Counter(r["state"] for r in seen.values())),
        "codes": dict(Counter(item["code"] for item in items if item["code"])),
    }


def show(result: dict[str, Any], console: Console, desk: str = "") -> None:
    """Print the summary for people, and where to go on with what waits for them."""
    from pipeline.models import RecordState

    seen = {r["id"]: r for item in result["items"] for r in item["records"]}
    table = Table(title="Kết quả theo loại và trạng thái")
    table.add_column("Loại")
    table.add_column("Trạng thái")
    table.add_column("Số hồ sơ", justify="right")
    for (form, state), number in sorted(Counter((r["form"], r["state"]) for r in seen.values()).items()):
        table.add_row(form, str(RecordState(state).label), str(number))
    console.print(table)
    told: dict[tuple[str, str], list[str]] = {}
    for item in result["items"]:
        if item["code"]:
            told.setdefault((item["code"], item["message"]), []).append(item["path"])
    for (code, message), paths in told.items():
        console.print(f"[yellow]{code}[/] ({len(paths)} tệp): {message}", highlight=False)
        for path in paths[:PATHS_SHOWN]:
            console.print(f"  {path}", highlight=False)
        if len(paths) > PATHS_SHOWN:
            console.print(f"  … và {len(paths) - PATHS_SHOWN} tệp nữa", highlight=False)
    counts = result["totals"]
    console.print(
        f"{counts['files']} tệp, {counts['records']} hồ sơ, {counts['sealed']} bản đã ký và lưu khóa."
    )
    if any(r["state"] == RecordState.TO_REVIEW for r in seen.values()):
        console.print("Hồ sơ chờ cán bộ xem: mở bàn làm việc", desk or "(gõ: sohoa up)", highlight=False)
