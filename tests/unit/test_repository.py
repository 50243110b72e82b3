"""The repository keeps its own house rules."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = {".py", ".md", ".toml", ".txt", ".html", ".css", ".js", ".json", ".csv", ".sh", ".yml", ""}
LONGEST = 400
LONGER_FOR_A_REASON = {
    "pipeline/migrations/0001_initial.py": "written by Django",
}
FOREIGN_TEXT = {"requirements.lock": "written by pip-compile", "LICENSE": "as its authors wrote it"}
LEGACY_LETTERS = {"ocr/legacy_fonts.py": "holds the letters of fonts older than Unicode"}
GENERIC_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}


def tracked() -> list[Path]:
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in TEXT and name not in FOREIGN_TEXT:
            found.append((name, path.read_text("utf-8")))
    return found


def test_no_file_names_a_path_of_somebodys_machine():
    somebody = re.compile(r"/(?:home|Users|root|work|mnt)/\w|[A-Z]:\\Users")
    named = [f"{name}: {m.group()}" for name, text in texts() if (m := somebody.search(text))]
    assert named == []


def test_no_file_names_a_package_registry_or_mirror():
    # in pieces, so that this file does not name them itself
    hosts = [
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "registry." + "npmjs",
        "repo1." + "maven",
        "docker" + ".io",
    ]
    named = [f"{name}: {host}" for name, text in texts() for host in hosts if host in text]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert named == []
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", lock)


def test_every_module_is_short_enough_to_be_read_at_once():
    lengths = {name: len(text.splitlines()) for name, text in texts() if name.endswith(".py")}
    long = {name: n for name, n in lengths.items() if n > LONGEST and name not in LONGER_FOR_A_REASON}
    assert long == {}
    assert set(LONGER_FOR_A_REASON) <= set(lengths), "an exception for a file that is gone"


def test_every_module_is_named_for_its_idea():
    assert [p for p in tracked() if p.name in GENERIC_NAMES] == []


def test_vietnamese_is_written_in_composed_letters_everywhere():
    loose = [name for name, text in texts() if not unicodedata.is_normalized("NFC", text)]
    assert [name for name in loose if name not in LEGACY_LETTERS] == []


def test_scripts_can_be_run_and_stop_at_the_first_error():
    for path in tracked():
        if path.parent in (ROOT / "scripts", ROOT / ".ci") and not path.suffix:
            first, *rest = path.read_text("utf-8").splitlines()
            assert first.startswith("#!"), path
            assert path.stat().st_mode & 0o111, path
            assert "python" in first or "set -euo pipefail" in rest, path
