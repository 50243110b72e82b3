"""The command ``sohoa``: finds its subcommands by name, turns known errors into exit codes."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from pipeline.addresses import ServicesNotRunning
from pipeline.configuration import ConfigurationError
from pipeline.exit_codes import ExitCode
from pipeline.one_thread import ONE_THREAD
from validators.errors import RegisterExtractError

_COLLECT_AFTER = 100_000
"""New objects between two rounds of the garbage collector, which finds nothing while modules are loaded."""

COMMANDS = (
    *("up", "process", "watch", "carry", "read", "form", "evaluate", "calibrate", "bench"),
    *("sign", "renew-timestamps"),
    *(
        "verify",
        "rebuild-index",
        "backup",
        "restore",
        "correct",
        "hold",
        "export",
        "check-package",
        "register",
        "status",
        "sample",
        "quality",
        "places",
        "search",
        "account",
        "audit",
        "doctor",
    ),
)
"""In the order an officer meets them; each lives in a module of this package as `command`."""


class LazyCommands(click.Group):
    """Loads a subcommand's module when it is called, so that ``sohoa doctor`` needs no OCR engine."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands as an officer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"pipeline.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names with their one-line help."""
        commands = ((name, self.get_command(ctx, name)) for name in COMMANDS)
        rows = [(name, command.get_short_help_str(90)) for name, command in commands if command]
        with formatter.section("Lệnh"):
            formatter.write_dl(rows)


@click.group(cls=LazyCommands, help="Sohoa – số hóa sổ hộ tịch và hồ sơ đất đai.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Thư mục dữ liệu (thay cho SOHOA_DATA_DIR).",
)
@click.option("--debug", is_flag=True, help="Hiện chi tiết lỗi của chương trình.")
@click.version_option(version("sohoa"), prog_name="sohoa")
@click.pass_context
def group(ctx: click.Context, data_dir: Path | None, debug: bool) -> None:
    """Hold what every command needs before its own options."""
    if data_dir is not None:
        # the one channel that child processes and Django's settings also read
        os.environ["SOHOA_DATA_DIR"] = str(data_dir.resolve())
    ctx.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> None:
    """Run ``sohoa`` and end the process with a documented exit code; no bare traceback for people.

    Args:
        arguments: the command line without the program's name; None takes this process's own.
    """
    gc.set_threshold(_COLLECT_AFTER)
    atexit.register(gc.freeze)  # the system takes all memory back at once; looking through it took 0.3 s
    os.environ.update(ONE_THREAD)
    given = sys.argv[1:] if arguments is None else arguments
    try:
        result: Any = group.main(args=given, prog_name="sohoa", standalone_mode=False)
    except click.exceptions.Abort:
        _leave(ExitCode.INTERRUPTED, "Đã dừng.")
    except click.ClickException as error:
        _leave(ExitCode.USAGE, usage_told(error))
    except KeyboardInterrupt:
        _leave(ExitCode.INTERRUPTED, "Đã dừng.")
    except Exception as error:  # the last place where a fault can be told kindly
        if "--debug" in given:
            raise
        _leave(*told(error))
    else:
        # in this mode click hands back what ctx.exit() or the command gave
        sys.exit(result if isinstance(result, int) else ExitCode.OK)


def usage_told(error: click.ClickException) -> str:
    """Say in Vietnamese what is wrong with a command line, and how to see what is right."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    name = context.command_path if context else "sohoa"
    match error:
        case click.NoSuchOption():
            what = f"Không có tùy chọn {error.option_name}."
        case click.MissingParameter():
            what = f"Thiếu {error.param.make_metavar(context) if error.param and context else 'tham số'}."
        case click.BadParameter() if "does not exist" in error.message:
            what = f"Không tìm thấy tệp hoặc thư mục {error.message.split(chr(39))[1]}."
        case click.BadParameter():
            what = f"Giá trị không dùng được: {error.message}"
        case _ if error.message.startswith("No such command"):
            what = "Không có lệnh này."
        case _:
            what = error.message
    return f"{what} Hãy gõ: {name} --help"


def told(error: Exception) -> tuple[ExitCode, str]:
    """Find the exit code and the sentence for an error that reached the edge."""
    from pipeline.embedded.errors import AlreadyRunning, ServiceError

    if isinstance(error, ConfigurationError):
        return ExitCode.CONFIG, str(error)
    if isinstance(error, AlreadyRunning):
        return ExitCode.BUSY, str(error)
    if isinstance(error, (ServiceError, ServicesNotRunning)):
        return ExitCode.SERVICES, f"{error}\nHãy gõ: sohoa doctor"
    if type(error).__name__ == "FormError":
        return ExitCode.CONFIG, f"{error}\nHãy gõ: sohoa form check TỆP.toml"
    if isinstance(error, RegisterExtractError):
        from pipeline.extract_reports import refusal

        return ExitCode.INPUT, refusal(error)
    if isinstance(error, FileNotFoundError):
        return ExitCode.INPUT, f"Không có tệp {error.filename}."
    # by module, so that a command that touches no store or database needs not load them here
    origin = type(error).__module__.split(".")[0]
    if type(error).__name__ == "ScanError":
        return ExitCode.INPUT, str(getattr(error, "message", error))
    if origin in {"minio", "urllib3"} or type(error).__name__ == "StoreError":
        return ExitCode.STORE, f"Kho lưu trữ báo lỗi: {error}\nHãy gõ: sohoa doctor"
    if origin in {"psycopg", "redis", "kombu", "amqp"} or type(error).__name__ == "OperationalError":
        return ExitCode.SERVICES, f"Không dùng được máy chủ: {error}\nHãy gõ: sohoa up (hoặc sohoa doctor)"
    text = f"Lỗi của chương trình ({type(error).__name__}: {error}). "
    text += "Hãy chạy lại với: sohoa --debug … và gửi phần hiện ra cho người quản trị."
    return ExitCode.INTERNAL, text


def _leave(code: ExitCode, text: str) -> None:
    click.echo(text, err=True)
    sys.exit(code)
