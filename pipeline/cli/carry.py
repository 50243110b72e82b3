"""``sohoa carry``: move a batch on a stick from an office without a line."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from pipeline.cli.status import set_up_django
from pipeline.configuration import ConfigurationError, Settings, load_settings
from pipeline.embedded import connected
from pipeline.endpoints import Endpoints
from pipeline.exit_codes import ExitCode
from storage.errors import PackageError

if TYPE_CHECKING:
    from storage.packages.carry import CarryManifest
    from storage.packages.carry_signature import ListSigner

PACK_PARTS = ("store", "authority", "postgres")
RECEIVE_PARTS = ("store", "redis", "authority", "postgres")
FILES_SHOWN = 5

_folder = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
_json = click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")


@click.group("carry", help="Chuyển lô quét bằng USB từ nơi không có đường truyền.")
def command() -> None:
    """Hold the two ends of the way."""


@command.command("pack", help="Kê và ký số mọi tệp trong một thư mục để mang đi.")
@_folder
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Chép sang thư mục này trên USB trước khi ký.",
)
@click.option("--office", default="", help="Mã đơn vị gửi; mặc định theo cấu hình.")
@_json
@click.pass_context
def pack(ctx: click.Context, folder: Path, to: Path | None, office: str, as_json: bool) -> None:
    """Sign a list of the folder; needs the signing key."""
    settings = load_settings()
    with _connected(settings, PACK_PARTS) as endpoints:
        from pipeline.equipment import build
        from pipeline.handover.carry import pack as pack_folder
        from pipeline.models import Office

        code = office or settings.office_code
        row, _ = Office.objects.get_or_create(code=code, defaults={"name": settings.office_name})
        signing = build(settings, endpoints).for_sealing().signing
        try:
            packed = pack_folder(
                folder, office=row, actor=getpass.getuser(), key=signing.key, trust=signing.trust, to=to
            )
        except PackageError as error:
            _refuse(ctx, error, as_json)
    answer = _told(packed.manifest, packed.signer) | {"folder": str(packed.folder), "fresh": packed.fresh}
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    state = "Đã kê và ký" if packed.fresh else "Đã ký từ trước, vẫn đúng"
    click.echo(f"{state}: {len(packed.manifest.files)} tệp, lần {packed.manifest.counter}, {packed.folder}")
    click.echo(f"Dấu vân tay chứng thư (đọc cho nơi nhận khi được hỏi): {packed.signer.fingerprint}")


@command.command("receive", help="Kiểm tra rồi nhận một lô mang bằng USB; sai một chỗ thì không nhận gì.")
@_folder
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM các chứng thư gốc của nơi gửi; mặc định theo cấu hình.",
)
@click.option("--signer", default="", help="Dấu vân tay SHA-256 của chứng thư nơi gửi, hỏi trực tiếp họ.")
@click.option("--accept-older", is_flag=True, help="Nhận cả khi đã nhận một lô gửi sau.")
@_json
@click.pass_context
def receive(
    ctx: click.Context, folder: Path, trust: Path | None, signer: str, accept_older: bool, as_json: bool
) -> None:
    """Prove, bring in, take in; ends with REFUSED where the delivery is refused."""
    settings = load_settings()
    with _connected(settings, RECEIVE_PARTS) as endpoints:
        from pipeline.handover.carry import Gate, receive_carried
        from pipeline.intake import open_vault, receive_limits
        from storage.verify_signature import load_trust

        roots = trust or endpoints.trust_roots
        if roots is None:
            raise ConfigurationError("Chưa có tệp chứng thư gốc. Hãy thêm --trust TỆP.pem")
        try:
            arrived = receive_carried(
                folder,
                gate=Gate(load_trust(Path(roots)), signer, accept_older),
                spool=settings.data_dir / "carry",
                actor=getpass.getuser(),
                vault=open_vault(settings, endpoints),
                limits=receive_limits(settings),
            )
        except PackageError as error:
            _refuse(ctx, error, as_json)
    answer = _told(arrived.manifest, arrived.signer) | {
        "outcome": "ALREADY_RECEIVED" if arrived.repeated else "RECEIVED",
        "older": arrived.older,
        "batch": arrived.batch or None,
        "codes": arrived.codes,
        "passed_over": arrived.passed_over,
    }
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    elif arrived.repeated:
        click.echo(f"Lô này (lần {arrived.manifest.counter}) đã nhận trước đó; không nhận lại gì.")
    else:
        new = arrived.codes.get("", 0)
        click.echo(f"Đã nhận {len(arrived.manifest.files)} tệp, {new} tệp mới; đợt nhận {arrived.batch}.")
        for code, number in sorted(arrived.codes.items()):
            if code:
                click.echo(f"  {code}: {number} tệp")


@contextmanager
def _connected(settings: Settings, parts: tuple[str, ...]) -> Iterator[Endpoints]:
    with connected(settings, parts) as endpoints:
        set_up_django()
        yield endpoints


def _refuse(ctx: click.Context, error: PackageError, as_json: bool) -> None:
    from pipeline.handover.carry import sentence, told_of

    told = told_of(error)
    answer: dict[str, Any] = {
        "outcome": error.code,
        "message": sentence(error.code),
        "detail": error.message,
        "problems": [
            {"code": code, "message": text, "files": [c.evidence["name"] for c in checks]}
            for code, text, checks in told
        ],
    }
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        console = Console(stderr=True)
        for code, text, checks in told:
            console.print(f"[red]{code}[/]: {text}", highlight=False)
            names = [c.evidence["name"] for c in checks] or [error.message]
            for name in names[:FILES_SHOWN]:
                console.print(f"  {name}", highlight=False, markup=False)
            if len(names) > FILES_SHOWN:
                console.print(f"  … và {len(names) - FILES_SHOWN} tệp nữa")
    ctx.exit(ExitCode.REFUSED)


def _told(manifest: CarryManifest, signer: ListSigner) -> dict[str, Any]:
    return {
        "id": manifest.identifier,
        "office": manifest.office,
        "counter": manifest.counter,
        "packed_at": manifest.packed_at.isoformat(),
        "files": len(manifest.files),
        "bytes": sum(f.size for f in manifest.files),
        "signer": {"fingerprint": signer.fingerprint, "name": signer.name},
    }
