"""Hand-over packages that other systems ask for: ordered in one call, made by a worker, fetched when done."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import structlog
from django.db import transaction

from pipeline import outbox
from pipeline.claims import Claim, LateWriter, claim, database_now, fail, finishing, heartbeat, move, postpone
from pipeline.events import record_event
from pipeline.handover import archive, land, ministry
from pipeline.handover.keeping import KeptFile
from pipeline.handover.refusals import Problem, problems_of, sentence
from pipeline.intake import scan_limits
from pipeline.machines.models import OrderState, PackageOrder
from pipeline.models import Office
from pipeline.stages.attempts import OUTAGE_PAUSE_SECONDS, new_owner
from storage.errors import PackageError, StorageError
from storage.packages.problems import PackageRefused

if TYPE_CHECKING:
    from pipeline.equipment import Equipment

Kind = Literal["ministry-pack", "aip", "pl3"]
TASK = "sohoa.make_package"
_OUTAGE = "Kho lưu trữ không trả lời; hệ thống sẽ thử lại."
_FAILED = "Chưa lập được gói; hệ thống sẽ thử lại."
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        book: ``LOẠI.năm.quyển`` for ``ministry-pack``, `Record.book_key` for ``aip``, "" for ``pl3``.
        unit: issuing unit as it then was, where several have a book of that number (``ministry-pack``).
        fonds, paper_code: of the archive, for ``aip``.
    """

    book: str = ""
    unit: str = ""
    fonds: str = ""
    paper_code: str = ""


def order_package(kind: Kind, wanted: Wanted, *, office: Office, actor: str, purpose: str) -> PackageOrder:
    """Note what is asked for and have a worker make it."""
    with transaction.atomic():
        order = PackageOrder.objects.create(
            office=office,
            kind=kind,
            given=asdict(wanted),
            actor=actor,
            purpose=purpose,
            state=OrderState.OPEN,
            state_since=database_now(),
        )
        outbox.post(TASK, order.pk)
        _tell("package.asked", order)
    return order


def run(order_id: str, tools: Equipment) -> bool:
    """Make one package, if it waits for that; false where there was nothing to do."""
    held = claim(PackageOrder, [OrderState.OPEN], new_owner(), tools.settings.lease_seconds, pk=order_id)
    if held is None:
        return False
    try:
        _attempt(held, tools)
    except LateWriter as late:
        _log.warning("late writer refused", reason=str(late))
    return True


def _attempt(held: Claim[PackageOrder], tools: Equipment) -> None:
    try:
        with heartbeat(held), tempfile.TemporaryDirectory() as folder:
            kept = _make(held.row, Path(folder), tools)
    except PackageRefused as refused:
        _refuse(held, refused.code, problems_of(refused))
    except PackageError as error:
        _refuse(held, error.code, [Problem(error.code, sentence(error.code))])
    except StorageError as error:
        _log.warning("store does not answer", order=str(held.row.pk), error=str(error))
        postpone(held, OUTAGE_PAUSE_SECONDS, "STORE_DOWN", _OUTAGE)
    except LateWriter:
        raise
    except Exception as error:
        _log.error("package failed", order=str(held.row.pk), exc_info=error)
        fail(held, "PACKAGE_FAILED", _FAILED)
    else:
        with finishing(held) as row:
            row.files = [asdict(file) for file in kept]
            move(row, OrderState.MADE)
            _tell("order.made", row)


def _make(order: PackageOrder, folder: Path, tools: Equipment) -> tuple[KeptFile, ...]:
    office, wanted = order.office.code, Wanted(**order.given)
    match order.kind:
        case ministry.KIND:
            book = ministry.Order(office, wanted.book, wanted.unit, actor=order.actor)
            needed = ministry.MinistryTools(tools.vault, tools.registers, scan_limits(tools.settings))
            return ministry.export_book(book, folder, needed).kept
        case archive.KIND:
            dossier = archive.Order(office, wanted.fonds, "", wanted.paper_code, order.actor, wanted.book)
            return archive.export_archive(dossier, folder, tools.vault).kept
        case _:
            return land.export_land(office, folder, tools.vault, actor=order.actor).kept


def _refuse(held: Claim[PackageOrder], code: str, problems: list[Problem]) -> None:
    with finishing(held) as row:
        row.error_code, row.error_message = code, sentence(code)
        row.problems = [asdict(problem) for problem in problems]
        move(row, OrderState.REFUSED)
        _tell("order.refused", row)


def _tell(verb: str, order: PackageOrder) -> None:
    record_event(
        verb,
        actor=order.actor,
        office=order.office.code,
        purpose=order.purpose,
        subject=f"order:{order.pk}",
        data={"package": order.kind},
    )
