"""What officers read about quality and sampling is what the program counts."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.quality import ACROSS, FORM, MEASURES, MISSING, REPEATS, WITHIN, WORDS
from pipeline.sampling import plan
from validators.rules.document import rules_page

DOCS = Path(__file__).parents[3] / "docs"


def test_every_measure_is_documented_as_it_is_declared():
    page = (DOCS / "chat-luong.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \| (.+?) \| (.+?) \|$", page, re.M)
    assert rows == [(WORDS[m.word], m.code, m.name, m.meaning) for m in MEASURES]


def test_every_word_has_a_measure():
    assert {m.word for m in MEASURES} == set(WORDS)


def test_the_sample_sizes_in_the_document_are_those_that_are_drawn():
    page = (DOCS / "nghiem-thu-chon-mau.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d,]+) % \| (\d+) \| (\d+) \| (\d+) \|$", page, re.M)
    assert len(rows) == 4
    for percent, *sizes in rows:
        limit = str(float(percent.replace(",", ".")) / 100)
        assert sizes == [str(plan(2000, limit, "0.95", allowed).size) for allowed in range(3)]


def test_rules_named_by_the_quality_report_exist_and_belong_to_one_measure():
    known = set(re.findall(r"^\| `(\w+):?`", rules_page(), re.M))
    assert known >= REPEATS | ACROSS | MISSING
    form = {c for c in known if FORM.search(c)}
    within = {c for c in known if WITHIN.search(c)} - ACROSS - MISSING
    assert not form & within
    assert not (form | within) & REPEATS
    assert {"ID_LENGTH", "DATE_IMPOSSIBLE", "SERIAL_FORM"} <= form
    assert {"DATE_WORDS_DIFFER", "DEATH_BEFORE_BIRTH", "PARENT_TOO_YOUNG"} <= within
