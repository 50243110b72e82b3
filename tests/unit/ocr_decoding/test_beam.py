"""Knowledge settles what the strokes leave open, and never more than that."""

from __future__ import annotations

import re

from ocr.decoding.beam import beam_search
from ocr.decoding.grammar import Grammar
from ocr.decoding.lexicon import Lexicon
from tests.unit.ocr_decoding.frames import frames, saying

NAMES = Grammar((Lexicon({"nguyễn": 30, "trần": 10, "tần": 1}), Lexicon({"thị": 20, "hoa": 5, "hòa": 5})))


def best(line, grammar=NAMES) -> str:
    return beam_search(line, grammar)[0].text


def test_without_doubt_the_text_is_what_was_seen():
    assert best(saying("trần thị hoa")) == "trần thị hoa"


def test_a_word_of_the_lexicon_beats_a_slightly_likelier_one_outside():
    line = saying("trần thi hoa", rivals={7: {"ị": 0.35}})
    assert line.greedy()[0] == "trần thi hoa"
    assert best(line) == "trần thị hoa"


def test_a_clear_word_outside_the_lexicon_stays_as_it_is_written():
    assert best(saying("trần blưi", sure=0.9999)) == "trần blưi"


def test_the_readings_that_lost_are_kept():
    texts = [h.text for h in beam_search(saying("trần thị hoa", rivals={10: {"ò": 0.4}}), NAMES)]
    assert {"trần thị hoa", "trần thị hòa"} <= set(texts)


def test_capitals_follow_what_was_seen():
    assert best(saying("Trần Thị")) == "Trần Thị"


def test_a_lost_blank_is_put_back_between_two_known_words():
    line = saying("trầnthị", rivals={4: {" ": 0.001}})
    assert best(line) == "trần thị" or "trầnthị" in [h.text for h in beam_search(line, NAMES)]


def test_a_date_prefers_a_day_that_can_be():
    dates = Grammar(
        allowed=frozenset("0123456789/"),
        shapes=((re.compile(r"(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])/(19|20)\d\d"), 0.0),),
    )
    line = saying("31/72/1994", rivals={3: {"1": 0.3}})
    assert line.greedy()[0] == "31/72/1994"
    assert best(line, dates) == "31/12/1994"


def test_an_empty_line_gives_an_empty_text():
    assert best(frames([{"": 1.0}, {"": 1.0}])) == ""


def test_the_price_of_a_whole_text_is_what_the_search_paid():
    text = "trần thị hoa"
    line = saying(text)
    found = next(h for h in beam_search(line, NAMES) if h.text == text)
    seen = line.score(text)
    assert abs(found.score - (seen + NAMES.price(text))) < 0.05
