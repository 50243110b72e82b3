"""``sohoa export pl3``: the land campaign's sheet and the signed scans."""

from __future__ import annotations

import getpass
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli.packages import connected_equipment, out_folder, tell_refusal
from pipeline.exit_codes import ExitCode


@click.command("pl3", help="Phiếu thu thập PL3 của hồ sơ đất đai và các tệp quét đã ký.")
@click.option("--office", default="", help="Mã đơn vị; mặc định theo cấu hình.")
@click.option("--out", required=True, type=out_folder, help="Thư mục trống nhận phiếu và các tệp PDF.")
@click.option("--strict", is_flag=True, help="Kết thúc bằng mã 3 nếu còn giấy chưa ký hoặc chưa có tệp quét.")
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
@click.pass_context
def command(ctx: click.Context, office: str, out: Path, strict: bool, as_json: bool) -> None:
    """Make the package; ends with REFUSED, and writes nothing, where it would not pass its check."""
    with connected_equipment() as equipment:
        from pipeline.handover.land import export_land
        from storage.packages.land_files import NO_LINK, NO_SIGN
        from storage.packages.problems import PackageRefused

        out.mkdir(parents=True, exist_ok=True)
        code = office or equipment.settings.office_code
        try:
            done = export_land(code, out, equipment.vault, actor=getpass.getuser())
        except PackageRefused as refused:
            tell_refusal(refused, as_json)
            ctx.exit(ExitCode.REFUSED)
    missing = [
        {"record": key, "serial": done.serials.get(key, ""), "codes": list(codes)}
        for key, codes in done.pack.missing.items()
    ]
    counts = Counter(c for codes in done.pack.missing.values() for c in codes)
    if as_json:
        told = {
            "refused": False,
            "sheet": str(done.pack.sheet),
            "check_list": str(done.pack.check_list),
            "certificates": len(done.serials),
            "files": dict(done.pack.files),
            "missing": missing,
            "waiting": done.waiting,
            "kept": [asdict(k) for k in done.kept],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        click.echo(f"{done.pack.sheet}\n{done.pack.check_list}")
        click.echo(
            f"Đã xuất {len(done.serials)} giấy chứng nhận, {len(done.pack.files)} tệp quét đã ký; "
            f"{counts[NO_SIGN]} giấy chưa ký (NOSIGN), {counts[NO_LINK]} chưa có tệp quét (NOLINK)."
        )
        if done.waiting:
            click.echo(f"Còn {done.waiting} giấy chứng nhận chưa duyệt, không có trong phiếu.")
    ctx.exit(ExitCode.HELD if strict and counts[NO_SIGN] + counts[NO_LINK] else ExitCode.OK)
