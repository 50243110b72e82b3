"""``sohoa register``: differences with the population database, questions by file, and a simulator."""

from __future__ import annotations

import getpass
import json
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from pipeline.addresses import resolve
from pipeline.cli.status import set_up_django
from pipeline.configuration import ConfigurationError, load_settings
from pipeline.exit_codes import ExitCode
from pipeline.extract_reports import refusal, told_of
from validators.errors import LinkageUnavailableError, RegisterExtractError
from validators.population.simulator import Access, Fault, Simulator, rows_from_csv

if TYPE_CHECKING:
    from pipeline.linkage import LinkedPerson

_office = click.option("--office", default="", help="Chỉ đơn vị có mã này.")
_json = click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")


@click.group("register", help="Cơ sở dữ liệu dân cư: chỗ khác nhau, hỏi bằng tệp, dịch vụ mô phỏng.")
def command() -> None:
    """Hold the commands about the population database."""


@command.command("mismatches", help="Danh sách chỗ sổ khác cơ sở dữ liệu dân cư, chờ cán bộ xử lý.")
@_office
@click.option("--code", default="", help="Chỉ lý do này, ví dụ REGISTER_SEX_DIFFERS.")
@_json
def mismatches(office: str, code: str, as_json: bool) -> None:
    """Print the work list; needs running services."""
    _connect()
    from pipeline.mismatch_list import open_mismatches

    rows = open_mismatches(office=office, code=code, actor=getpass.getuser())
    if as_json:
        click.echo(json.dumps([asdict(r) for r in rows], ensure_ascii=False, indent=1, default=str))
        return
    table = Table(title="Khác với cơ sở dữ liệu dân cư")
    for name in ("Số", "Đơn vị", "Hồ sơ", "Trường", "Lý do", "Trong sổ", "Dân cư"):
        table.add_column(name)
    for row in rows:
        case = f"{row.form} {row.entry}".strip()
        table.add_row(
            str(row.id), row.office, case, row.field or row.person, row.code, row.book, row.register
        )
    Console().print(table)


@command.command("settle", help="Xử lý một chỗ khác nhau; sổ không bị sửa.")
@click.argument("number", type=int)
@click.option("--take/--refuse", "take", required=True, help="Ghi nhận làm bằng chứng, hoặc bác bỏ.")
@click.option("--reason", required=True, help="Lý do, được lưu lại.")
@_json
@click.pass_context
def settle(ctx: click.Context, number: int, take: bool, reason: str, as_json: bool) -> None:
    """Settle one difference; ends with INPUT where it is not open."""
    _connect()
    from pipeline.findings import FindingClosed, ReasonRefused
    from pipeline.mismatch_list import settle_mismatch

    decision = "EVIDENCE" if take else "REFUSED"
    try:
        settled = settle_mismatch(number, decision, actor=getpass.getuser(), reason=reason)
    except ReasonRefused as error:
        raise click.BadParameter(str(error)) from error
    except FindingClosed:
        _tell({"id": number, "settled": False}, as_json, f"Số {number} không chờ xử lý.")
        ctx.exit(ExitCode.INPUT)
    _tell({"id": settled.id, "settled": True, "decision": decision}, as_json, f"Đã xử lý số {number}.")


@command.command("ask", help="Hỏi qua đường truyền những câu đã thôi hỏi hoặc đang chờ tệp.")
@_office
@_json
def ask(office: str, as_json: bool) -> None:
    """Open given-up questions again."""
    if not load_settings().population.endpoint:
        raise ConfigurationError("Chưa đặt population.endpoint nên không có đường truyền để hỏi.")
    _connect()
    from pipeline.confirmations import reopen

    number = reopen(office=office, actor=getpass.getuser())
    _tell({"reopened": number}, as_json, f"Cho hỏi lại {number} câu hỏi.")


@command.command("export", help="Xuất các câu hỏi chưa có trả lời ra tệp CSV.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_office
@_json
def export(file: Path, office: str, as_json: bool) -> None:
    """Write the questions with their request ids."""
    _connect()
    from pipeline.register_files import export_questions

    text, number = export_questions(office=office, actor=getpass.getuser())
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8", newline="")
    _tell({"file": str(file), "questions": number}, as_json, f"Đã xuất {number} câu hỏi ra {file}.")


@command.command("import", help="Nạp tệp CSV trả lời; có dòng sai thì không nạp dòng nào.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_json
@click.pass_context
def load(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Load answers; ends with INPUT where the file is refused."""
    _connect()
    from pipeline.register_files import AnswerFileError, import_answers

    try:
        verdicts = import_answers(file.read_bytes(), actor=getpass.getuser())
    except AnswerFileError as error:
        told = "\n".join(f"Dòng {p.row}: {p.code} – {p.message}" for p in error.problems)
        answer = {"loaded": 0, "problems": [asdict(p) for p in error.problems]}
        _tell(answer, as_json, f"Không nạp dòng nào.\n{told}")
        ctx.exit(ExitCode.INPUT)
    _tell({"loaded": len(verdicts), "verdicts": verdicts}, as_json, f"Đã nạp {len(verdicts)} câu trả lời.")


@command.command("link", help="Tìm cả loạt trong trích lục những người chưa được xác nhận của một đơn vị.")
@click.option(
    "--register", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="Tệp CSV trích lục dân cư.",
)  # fmt: skip
@click.option("--office", required=True, help="Mã đơn vị.")
@_json
@click.pass_context
def link(ctx: click.Context, register: Path, office: str, as_json: bool) -> None:
    """Link and print; ends with SERVICES where the optional packages are missing."""
    _connect()
    from pipeline.linkage import link_office
    from pipeline.models import Office

    found = Office.objects.filter(code=office).first()
    if found is None:
        raise click.BadParameter(f"Không có đơn vị {office}.")
    try:
        linkage = link_office(found, register, actor=getpass.getuser())
    except LinkageUnavailableError:
        told = "Chưa cài phần liên kết hàng loạt. Hãy gõ: pip install 'sohoa[linkage]'"
        _tell({"error": "LINKAGE_UNAVAILABLE", "message": told}, as_json, told)
        ctx.exit(ExitCode.SERVICES)
    people = [asdict(person) for person in linkage.linked]
    answer = {
        "asked": linkage.asked,
        "unlinked": linkage.unlinked,
        "rows": {"taken": linkage.extract.taken, "left_out": linkage.extract.left_out},
        "certain": [p for p in people if p["certain"]],
        "uncertain": [p for p in people if not p["certain"]],
    }
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    _show_links(linkage.linked)
    for line in told_of(linkage.extract):
        click.echo(line)
    click.echo(
        f"So {linkage.asked} người với {linkage.extract.taken} dòng: {len(answer['certain'])} chắc chắn, "
        f"{len(answer['uncertain'])} chưa chắc, {linkage.unlinked} không thấy."
    )


def _show_links(linked: Iterable[LinkedPerson]) -> None:
    table = Table(title="Người trong sổ và dòng trích lục; số bit cho từng trường")
    for name in ("Hồ sơ", "Trong sổ", "Kết quả", "Dòng", "Dân cư", "Bit", "Từng trường"):
        table.add_column(name)
    for person in linked:
        for at, c in enumerate(person.candidates):
            parts = ", ".join(f"{f.column} {f.bits:+.1f}" for f in c.fields)
            told = f"{c.row.hoTen}, {c.row.ngaySinh}, {c.row.soDinhDanh or c.row.soCMND}"
            book = (
                f"{person.form} {person.entry} {person.person}",
                f"{person.name}, {person.birth}",
                "chắc chắn" if person.certain else "chưa chắc",
            )
            table.add_row(*(book if at == 0 else ("", "", "")), str(c.line), told, f"{c.bits:.1f}", parts)
    Console().print(table)


@command.command("simulator", help="MÔ PHỎNG dịch vụ 037 từ một tệp CSV người giả, để thử và trình diễn.")
@click.option(
    "--register", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="Tệp CSV người giả, cùng dạng với tệp trích lục.",
)  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Cổng; mặc định là một cổng trống.")
@click.option(
    "--fault",
    "faults",
    type=click.Choice([str(f) for f in Fault]),
    multiple=True,
    help="Lỗi giả, nêu được nhiều lần.",
)
@click.option("--slow-seconds", type=float, default=5.0, help="Số giây chậm của lỗi slow.")
@click.option("--quota", type=int, help="Số câu hỏi được trả lời trước khi báo hết hạn mức.")
@click.option(
    "--cert", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Chứng thư PEM cho HTTPS."
)
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Khóa PEM của chứng thư."
)
@_json
def simulator(
    register: Path,
    port: int,
    faults: tuple[str, ...],
    slow_seconds: float,
    quota: int | None,
    cert: Path | None,
    key: Path | None,
    as_json: bool,
) -> None:
    """Serve on loopback until Ctrl-C."""
    try:
        rows = rows_from_csv(register)
    except RegisterExtractError as error:
        raise click.BadParameter(refusal(error)) from error
    except OSError as error:
        raise click.BadParameter(str(error)) from error
    if (cert is None) != (key is None):
        raise click.UsageError("Cần cả --cert và --key.")
    access = Access(quota=quota)
    tls = (cert, key) if cert and key else None
    with Simulator(rows, access, port=port, tls=tls, slow_seconds=slow_seconds) as running:
        running.standing = frozenset(Fault(f) for f in faults)
        answer = {
            "mo_phong": True,
            "endpoint": running.url,
            "people": len(rows),
            "user": access.user,
            "secret": access.secret,
            "client": access.client,
            "api_key": access.api_key,
            "faults": sorted(running.standing),
        }
        told = "\n".join(f"  {name}: {value}" for name, value in answer.items() if name != "mo_phong")
        _tell(answer, as_json, f"MÔ PHỎNG dịch vụ 037 (Ctrl-C để dừng)\n{told}")
        sys.stdout.flush()
        threading.Event().wait()


def _connect() -> None:
    resolve(load_settings())
    set_up_django()


def _tell(answer: dict[str, Any], as_json: bool, text: str) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else text)
