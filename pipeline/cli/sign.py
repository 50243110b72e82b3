"""``sohoa sign``: copies go out to an officer's own token and come back signed."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from pipeline.cli.status import set_up_django
from pipeline.exit_codes import ExitCode

if TYPE_CHECKING:
    from pipeline.stages.seal import SealTools

_json = click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")


@click.group("sign", help="Ký bằng thiết bị của cán bộ: xuất tệp ra để ký, nhận lại tệp đã ký.")
def command() -> None:
    """Hold the two halves of a signature made outside."""


@command.command("prepare", help="Xuất các bản chờ ký; gõ lại thì ra đúng những tệp cũ.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--office", default="", help="Chỉ đơn vị có mã này.")
@click.option(
    "--record", "records", multiple=True, type=click.UUID, help="Chỉ hồ sơ này; nêu được nhiều lần."
)
@click.option("--digest", is_flag=True, help="Ghi thêm mã băm cần ký, cho phần mềm ký CMS.")
@_json
def prepare(folder: Path, office: str, records: tuple[UUID, ...], digest: bool, as_json: bool) -> int:
    """Write ``<record>.pdf`` for every record that waits; ends with INPUT where one does not."""
    tools = _tools()
    from pipeline.external_signing import NothingToSign, hand_out, waiting

    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for record in records or waiting(office):
        try:
            out = hand_out(record, tools, actor=getpass.getuser())
        except NothingToSign as error:
            rows.append({"record": str(record), "error": str(error)})
            continue
        path = folder / f"{record}.pdf"
        path.write_bytes(out.document)
        rows.append({"record": str(record), "file": str(path), "sha256": out.sha256})
        if digest:
            (folder / f"{record}.sha256").write_text(out.digest.digest.hex() + "\n", encoding="ascii")
            rows[-1]["digest"] = out.digest.digest.hex()
    _show(rows, as_json)
    return int(ExitCode.INPUT if any("error" in r for r in rows) else ExitCode.OK)


@command.command("complete", help="Nhận lại tệp đã ký (PDF, hoặc chữ ký CMS .p7s); tên tệp là mã hồ sơ.")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--record", type=click.UUID, help="Mã hồ sơ, khi tên tệp đã bị đổi (chỉ với một tệp).")
@_json
def complete(files: tuple[Path, ...], record: UUID | None, as_json: bool) -> int:
    """Seal with what came back; ends with REFUSED where a file does not count."""
    if record is not None and len(files) > 1:
        raise click.UsageError("--record chỉ dùng với một tệp.")
    tools = _tools()
    from pipeline.external_signing import NothingToSign, record_named, refusal, take_back
    from storage.errors import SigningError

    rows = []
    for path in files:
        row = {"file": str(path)}
        rows.append(row)
        try:
            about = record or record_named(path.name)
            row["record"] = str(about)
            row["signer"] = take_back(about, path.read_bytes(), tools, actor=getpass.getuser()).signer
        except SigningError as error:
            row |= {"code": error.code, "error": refusal(error).message}
        except NothingToSign as error:
            row["error"] = str(error)
        except ValueError:
            row["error"] = "Tên tệp không phải mã hồ sơ; hãy dùng --record."
    _show(rows, as_json)
    return int(ExitCode.REFUSED if any("error" in r for r in rows) else ExitCode.OK)


def _tools() -> SealTools:
    set_up_django()
    from pipeline.equipment import equipment

    return equipment().for_sealing()


def _show(rows: list[dict[str, str]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        where = row.get("file", row.get("record", ""))
        click.echo(f"{where}: {row.get('error') or row.get('signer') or row.get('sha256', '')}")
