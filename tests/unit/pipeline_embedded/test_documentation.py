"""What stands in the documents is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from pipeline.cli import COMMANDS, group
from pipeline.configuration import Settings
from pipeline.embedded.authority import TIMESTAMP_PATH
from pipeline.exit_codes import ExitCode
from validators.rules.document import rules_page

DOCS = Path(__file__).parents[3] / "docs"


def test_every_exit_code_is_documented_with_its_meaning() -> None:
    rows = re.findall(r"^\| (\d+) \| (\w+) \| (.+) \|$", (DOCS / "exit-codes.md").read_text("utf-8"), re.M)
    assert rows == [(str(int(code)), code.name, code.meaning) for code in ExitCode]


def documented() -> dict[str, tuple[str, str]]:
    text = (DOCS / "configuration.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| (.*?) \| (.+?) \|$", text, re.M)
    return {name: (default, description) for name, default, description in rows}


def declared(model: type[BaseModel] = Settings, before: str = "") -> dict[str, tuple[str, str]]:
    rows = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            rows |= declared(field.annotation, f"{name}.")
            continue
        if field.default is PydanticUndefined:
            default = "cores"
        elif field.default is None or field.default == "":
            default = ""
        elif isinstance(field.default, tuple):
            default = f"`{', '.join(field.default)}`"
        else:
            default = f"`{field.default}`"
        rows[before + name] = (default, field.description)
    return rows


def test_every_setting_is_documented_with_its_default_and_description() -> None:
    assert documented() == declared()


def test_the_supervisor_knows_where_the_demo_authority_answers() -> None:
    from storage.signing import demo_authority

    assert demo_authority.TIMESTAMP_PATH == TIMESTAMP_PATH


def test_every_rule_is_documented_as_it_is_declared() -> None:
    assert (DOCS / "rules.md").read_text("utf-8") == rules_page()


def pages() -> dict[str, str]:
    """Documents for people, by name."""
    return {path.name: path.read_text("utf-8") for path in (*DOCS.glob("*.md"), DOCS.parent / "README.md")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    command = group.get_command(click.Context(group), name)
    if command is None:
        pytest.skip(f"sohoa {name} is not there yet")
    page = pages()["commands.md"]
    assert f"## `sohoa {name}" in page
    part = "".join(section.split("\n## ")[0] for section in page.split(f"## `sohoa {name}")[1:])
    leaves = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    options = {o for leaf in leaves for p in leaf.params for o in p.opts if o.startswith("--")}
    assert {option for option in options if not re.search(rf"{option}\b", part)} == set()


def test_no_document_names_a_command_that_does_not_exist() -> None:
    known = set(COMMANDS)
    for name, text in pages().items():
        for named in re.findall(r"(?:^|`|bin/)sohoa ([a-z][a-z-]*)", text, re.M):
            assert named in known, f"{name}: sohoa {named}"


def test_every_link_between_documents_leads_somewhere() -> None:
    for path in (*DOCS.rglob("*.md"), DOCS.parent / "README.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
