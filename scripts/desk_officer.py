"""An officer who knows what stands on the paper and works with keys alone."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline.evaluation.comparing import comparable, equal, plain

REASON = "Giấy ghi đúng như vậy"
_FIELDS = """() => [...document.querySelectorAll(".field")].map((e) => ({
  key: e.dataset.key, written: e.querySelector("input").value, settled: e.classList.contains("settled"),
  current: e.classList.contains("current"), answers: e.querySelectorAll("[data-answer=c]").length,
  choices: [...e.querySelectorAll("[data-choice]")].map((b) => b.dataset.choice)}))"""
_MARKS = "\u0302\u0306\u031b\u0300\u0301\u0303\u0309\u0323"
_MOST_JUMPS = 50


def telex_keys(text: str) -> int:
    """Keys that a text takes on a keyboard set to Telex: đ is dd, ệ is eej; a run of capitals one Shift."""
    keys, shifted = 0, False
    for letter in unicodedata.normalize("NFC", text):
        keys += 1 + (letter in "đĐ") + sum(m in _MARKS for m in unicodedata.normalize("NFD", letter))
        keys += letter.isupper() and not shifted
        shifted = letter.isupper() or (shifted and not letter.isalpha())
    return keys


@dataclass
class Work:
    """What one record took.

    Attributes:
        keys: pressed, Telex counted and each of a chord counted.
        doubtful: fields that the desk asked about.
        typed: of these, those whose text had to be written.
        jumps: chords on the way to a finding that wants a reason.
        seconds: from the last key of one record to the first field of the next; the page in between.
        left: why it was not finished, or nothing.
    """

    form: str
    keys: int = 0
    doubtful: int = 0
    confirmed: int = 0
    chosen: int = 0
    typed: int = 0
    emptied: int = 0
    findings: int = 0
    jumps: int = 0
    seconds: float = 0.0
    left: str = ""


@dataclass
class Officer:
    """Works on the record that stands on the screen."""

    page: Page
    work: Work = field(default_factory=lambda: Work(""))

    def review(self, form: str, truth: Mapping[str, Mapping[str, Any]], values: Mapping[str, str]) -> Work:
        """Say what stands on the paper about every doubtful field, answer the findings, and finish.

        Args:
            truth: the true fields by official key.
            values: canonical values that stand in the database; two spellings of one date are equal.
        """
        self.work = Work(form)
        try:
            self._review(truth, values)
        except PlaywrightTimeout:
            self.work.left = f"stuck at {self.page.title()}"
        return self.work

    def _review(self, truth: Mapping[str, Mapping[str, Any]], values: Mapping[str, str]) -> None:
        self.page.wait_for_selector(".field.current", timeout=15_000)
        self.work.doubtful = sum(not f["settled"] for f in self.page.evaluate(_FIELDS))
        for _ in range(self.work.doubtful):
            shown = self.page.evaluate(_FIELDS)
            at = next((f for f in shown if f["current"]), None)
            ahead = next((f for f in shown if not f["settled"]), None)
            if at is None or ahead is None:
                break
            for _ in range(shown.index(ahead) - shown.index(at)):
                self._press("ArrowDown")
            self._say(ahead, truth.get(ahead["key"], {"written": "", "value": ""}), values.get(ahead["key"]))
        self._finish()

    def _say(self, shown: Mapping[str, Any], truth: Mapping[str, Any], value: str | None) -> None:
        for _ in range(shown["answers"]):
            self._press("Alt+c")
            self.work.findings += 1
            self.page.wait_for_timeout(150)
            self.page.focus(f"#f-{shown['key']}")
        text = plain(truth["written"])
        if not text:
            self.work.emptied += 1
            self._press("Alt+t" if shown["written"] else "Enter")
        elif comparable(shown["written"]) == comparable(text) or equal(truth, {"value": value}):
            self.work.confirmed += 1
            self._press("Enter")
        else:
            good = (comparable(text), comparable(truth["value"]))
            which = next((n for n, c in enumerate(shown["choices"], 1) if comparable(c) in good), 0)
            if which:
                self.work.chosen += 1
                self._press(f"Alt+{which}")
            else:
                self.work.typed += 1
                self.work.keys += telex_keys(text)
                self.page.keyboard.insert_text(text)
                self._press("Enter")

    def _finish(self) -> None:
        """Pass the record on; what still blocks gets a reason first."""
        here = self.page.url
        for _ in range(4):
            # the desk sends the last words before it leaves
            expect(self.page.locator("#saving")).not_to_contain_text("Đang ghi", timeout=20_000)
            start = time.monotonic()
            with self.page.expect_navigation():
                self._press("Alt+Enter")
            if self.page.locator(".field").count():
                self.page.wait_for_selector(".field.current")
            self.work.seconds = time.monotonic() - start
            self.page.wait_for_load_state("networkidle")
            if self.page.url != here:
                return
            if not self._give_reasons():
                break
        self.work.left = " ".join(self.page.locator("#messages").inner_text().split())[:200] or "?"

    def _give_reasons(self) -> bool:
        """Jump to every open finding that blocks: say why the paper is right, or refuse the register."""
        blocking = ".finding:has(.tag.blocks) input[name=ly_do]"
        given = False
        for _ in range(self.page.locator(blocking).count()):
            for _ in range(_MOST_JUMPS):
                if self.page.evaluate(f"document.activeElement.matches({blocking!r})"):
                    break
                self._press("Alt+l")
                self.work.jumps += 1
            else:
                return given
            if self.page.evaluate("document.activeElement.closest('.answer') !== null"):
                self._press("Alt+c")
            else:
                self.work.keys += telex_keys(REASON)
                self.page.keyboard.insert_text(REASON)
                self._press("Enter")
            self.work.findings += 1
            given = True
            self.page.wait_for_timeout(200)
        return given

    def _press(self, keys: str) -> None:
        self.work.keys += keys.count("+") + 1
        self.page.keyboard.press(keys)
