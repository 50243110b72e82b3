"""``sohoa account``: the first accounts, before anybody can sign in to make others."""

from __future__ import annotations

import json

import click

from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings, resolve
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
    settings = load_settings()
    resolve(settings)
    set_up_django()
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
        click.echo(f"Đã có tài khoản {name}.", err=True)
        context.exit(ExitCode.INPUT)
    if as_json:
        click.echo(json.dumps({"account": name, "office": code, "roles": roles, "password": password}))
    else:
        click.echo(f"Tài khoản: {name}\nMật khẩu đầu tiên: {password}\nHãy đổi mật khẩu sau khi đăng nhập.")
