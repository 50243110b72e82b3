"""``sohoa correct``: a new version of a locked record, by a decision."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from uuid import UUID

import click
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.addresses import resolve
from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.exit_codes import ExitCode


@click.command("correct", help="Sửa hồ sơ đã lưu khóa theo quyết định: tạo phiên bản mới, bản cũ giữ nguyên.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(file: Path, as_json: bool) -> int:
    """Read FILE (JSON); exit code 4 where nothing was changed."""
    resolve(load_settings())
    set_up_django()
    from pipeline.claims import WrongState
    from pipeline.models import Record
    from pipeline.replacements import CorrectionRefused, Decision, correct

    class Order(BaseModel):
        """What the file holds."""

        model_config = ConfigDict(extra="forbid")

        record: UUID
        decision: Decision
        reason: str = Field(min_length=1)
        fields: dict[str, str]

    try:
        order = Order.model_validate_json(file.read_bytes())
        record = Record.objects.get(pk=order.record)
        row = correct(record, order.fields, order.decision, reason=order.reason, actor=getpass.getuser())
    except ValidationError as error:
        places = ", ".join(".".join(map(str, e["loc"])) or "tệp" for e in error.errors())
        return _refused(as_json, "FILE_INVALID", f"Tệp sai ở: {places}.")
    except Record.DoesNotExist:
        return _refused(as_json, "RECORD_UNKNOWN", "Không có hồ sơ này.")
    except WrongState:
        return _refused(as_json, "RECORD_NOT_LOCKED", "Hồ sơ chưa lưu khóa hoặc đang được sửa.")
    except CorrectionRefused as refusal:
        return _refused(as_json, refusal.code, refusal.message)
    told = {"record": str(row.pk), "version": row.version, "state": row.state, "error": None}
    text = f"Đã tạo phiên bản {row.version}; hồ sơ chờ cán bộ duyệt rồi mới được ký."
    click.echo(json.dumps(told) if as_json else text)
    return int(ExitCode.OK)


def _refused(as_json: bool, code: str, text: str) -> int:
    told = json.dumps({"error": code, "message": text}, ensure_ascii=False)
    click.echo(told if as_json else f"Không sửa được: {text}")
    return int(ExitCode.INPUT)
