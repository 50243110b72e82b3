"""``sohoa account``: the first accounts, before anybody can sign in to make others."""

from __future__ import annotations

import json
from datetime import timedelta

import click

from pipeline.addresses import resolve
from pipeline.cli.status import set_up_django
from pipeline.configuration import Settings, load_settings
from pipeline.exit_codes import ExitCode


@click.group("account", help="Tài khoản đăng nhập và vai trò.")
def command() -> None:
    """Hold the subcommands."""


@command.command("add", help="Tạo tài khoản; mật khẩu đầu tiên được in ra một lần.")
@click.argument("name")
@click.option("--full-name", default="", help="Họ tên cán bộ.")
@click.option("--role", "roles", multiple=True, required=True, help="Vai trò; lặp lại nếu có nhiều.")
@click.option("--office", default="", help="Mã đơn vị; mặc định là đơn vị của máy này.")
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
@click.pass_context
def add(
    context: click.Context, name: str, full_name: str, roles: tuple[str, ...], office: str, as_json: bool
) -> None:
    """Make one account with its roles in one office; needs running services."""
    settings = _connected()
    from pipeline.models import Office
    from pipeline.people.accounts import AccountTaken, make_account
    from pipeline.people.models import Role

    unknown = [role for role in roles if role not in Role.values]
    if unknown:
        raise click.BadParameter(f"vai trò {unknown[0]}; có: {', '.join(Role.values)}")
    code = office or settings.office_code
    place = Office.objects.filter(code=code).first()
    if place is None and not office:
        place = Office.objects.create(code=code, name=settings.office_name)
    if place is None:
        raise click.BadParameter(f"không có đơn vị {code}")
    try:
        _, password = make_account(
            name, full_name=full_name, roles=[(Role(role), place) for role in roles], by="sohoa"
        )
    except AccountTaken:
        click.echo(f"Đã có tài khoản {name}; mật khẩu mới do người quản trị cấp ở mục Người dùng.", err=True)
        context.exit(ExitCode.INPUT)
    if as_json:
        click.echo(json.dumps({"account": name, "office": code, "roles": roles, "password": password}))
    else:
        desk = resolve(settings).web_url or "bàn làm việc"
        click.echo(
            f"Tài khoản: {name}\nMật khẩu đầu tiên: {password}\nĐăng nhập ở {desk}; máy sẽ hỏi mật khẩu mới."
        )


@command.group("token", help="Mã kết nối cho hệ thống khác (REST API).")
def token() -> None:
    """Hold the subcommands."""


@token.command("add", help="Tạo mã kết nối; mã được in ra một lần.")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="Phạm vi; lặp lại nếu có nhiều.")
@click.option("--office", default="", help="Mã đơn vị; mặc định là đơn vị của máy này.")
@click.option("--days", type=click.IntRange(1, 732), default=365, help="Số ngày còn hiệu lực.")
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
@click.pass_context
def add_token(
    context: click.Context, name: str, scopes: tuple[str, ...], office: str, days: int, as_json: bool
) -> None:
    """Make one token for one office and all below it; needs running services."""
    settings = _connected()
    from django.utils import timezone

    from pipeline.models import Office
    from pipeline.people.access import Act
    from pipeline.people.tokens import TokenRefused, make_token

    unknown = [scope for scope in scopes if scope not in list(Act)]
    if unknown:
        raise click.BadParameter(f"phạm vi {unknown[0]}; có: {', '.join(Act)}")
    code = office or settings.office_code
    place = Office.objects.filter(code=code).first()
    if place is None:
        raise click.BadParameter(f"không có đơn vị {code}")
    expires = timezone.now() + timedelta(days=days)
    try:
        row, text = make_token(
            name, scopes=[Act(scope) for scope in scopes], office=place, expires=expires, by="sohoa"
        )
    except TokenRefused as refused:
        click.echo(str(refused), err=True)
        context.exit(ExitCode.INPUT)
    if as_json:
        told = {"name": name, "office": code, "scopes": row.scopes, "expires": expires.isoformat()}
        click.echo(json.dumps({**told, "token": text}, ensure_ascii=False))
    else:
        click.echo(f"Mã kết nối: {text}\nHãy cất giữ ngay: mã không hiện lại. Hết hạn {expires:%d/%m/%Y}.")


@token.command("list", help="Các mã kết nối, không kèm bí mật.")
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
def list_tokens(as_json: bool) -> None:
    """Show every token with its scopes, and when it was last used."""
    _connected()
    from pipeline.machines.models import ApiToken

    rows = [
        {
            "name": t.name,
            "prefix": t.prefix,
            "office": t.office.code,
            "scopes": t.scopes,
            "valid": t.valid,
            "expires": t.expires.isoformat(),
            "last_used": t.last_used.isoformat() if t.last_used else None,
        }
        for t in ApiToken.objects.select_related("office")
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = "còn hiệu lực" if row["valid"] else "không dùng được nữa"
        click.echo(f"{row['prefix']}…  {row['name']}  {row['office']}  {','.join(row['scopes'])}  {state}")


@token.command("withdraw", help="Thu hồi mã kết nối ngay.")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
@click.pass_context
def withdraw(context: click.Context, name: str, as_json: bool) -> None:
    """Let a token in no more."""
    _connected()
    from pipeline.machines.models import ApiToken
    from pipeline.people.tokens import withdraw_token

    row = ApiToken.objects.filter(name=name).first()
    if row is None:
        click.echo(f"Không có mã kết nối {name}. Hãy gõ: sohoa account token list", err=True)
        context.exit(ExitCode.INPUT)
    withdraw_token(row, by="sohoa")
    click.echo(json.dumps({"withdrawn": name}) if as_json else f"Đã thu hồi mã kết nối {name}.")


def _connected() -> Settings:
    settings = load_settings()
    resolve(settings)
    set_up_django()
    return settings
