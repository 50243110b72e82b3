"""What stands in the documents is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic_core import PydanticUndefined

from pipeline.configuration import Limits, Settings
from pipeline.embedded.authority import TIMESTAMP_PATH
from pipeline.exit_codes import ExitCode

DOCS = Path(__file__).parents[3] / "docs"


def test_every_exit_code_is_documented_with_its_meaning() -> None:
    rows = re.findall(r"^\| (\d+) \| (\w+) \| (.+) \|$", (DOCS / "exit-codes.md").read_text("utf-8"), re.M)
    assert rows == [(str(int(code)), code.name, code.meaning) for code in ExitCode]


def documented() -> dict[str, tuple[str, str]]:
    text = (DOCS / "configuration.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| (.*?) \| (.+?) \|$", text, re.M)
    return {name: (default, description) for name, default, description in rows}


def declared() -> dict[str, tuple[str, str]]:
    rows = {}
    for name, field in Settings.model_fields.items():
        if name == "limits":
            for limit, detail in Limits.model_fields.items():
                rows[f"limits.{limit}"] = (f"`{detail.default}`", detail.description)
            continue
        if field.default is PydanticUndefined:
            default = "cores"
        elif field.default is None:
            default = ""
        elif isinstance(field.default, tuple):
            default = f"`{', '.join(field.default)}`"
        else:
            default = f"`{field.default}`"
        rows[name] = (default, field.description)
    return rows


def test_every_setting_is_documented_with_its_default_and_description() -> None:
    assert documented() == declared()


def test_the_supervisor_knows_where_the_demo_authority_answers() -> None:
    from storage.signing import demo_authority

    assert demo_authority.TIMESTAMP_PATH == TIMESTAMP_PATH
