"""Everyone finds help at the desk, and the card of keys tells what the pages really listen to."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client

from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from tests.stages.conftest import ROOT
from tests.stages.holdings import make_office

NAMED = {
    "enter": "Enter",
    "arrowdown": "↓",
    "arrowup": "↑",
    "arrowright": "→",
    "arrowleft": "←",
    "escape": "Esc",
}


def keys_told(section: str) -> set[str]:
    page = render_to_string("guide/keys.html")
    part = page.split(f'id="{section}"')[1].split("</section>")[0]
    return set(re.findall("<kbd>(.+?)</kbd>", part))


def compared(source: str) -> set[str]:
    """Keys that a script compares with, as they are printed on the card."""
    found = re.findall(r'(?:key|key\.toLowerCase\(\)) === "(\w+)"', source)
    return {NAMED.get(key.lower(), key.upper()) for key in found}


def script(name: str) -> str:
    return (ROOT / "web/static/web" / name).read_text("utf-8")


def test_the_card_has_the_keys_of_reviewing_and_no_other():
    source = script("review.js")
    (block,) = re.findall(r"if \(event\.altKey\) \{\n(.*?)\n      return;", source, re.S)
    with_alt = compared(block) | compared("\n".join(re.findall(r"event\.altKey && .*", source)))
    alone = compared(source.split(block)[1])
    assert "Digit" in block
    assert keys_told("review-keys") == {f"Alt {key}" for key in with_alt} | alone | {"Alt 1–5"}


def test_the_card_has_the_keys_of_the_wall_and_no_other():
    source = script("wall.js")
    assert 'addEventListener("click", () => speak(card, "confirm"))' in source  # Enter clicks a button
    assert keys_told("wall-keys") == compared(source) | {"Enter"}


def test_the_card_has_the_keys_of_settling_and_no_other():
    pages = (ROOT / "web/templates/review").glob("sett*.html")
    given = {key for page in pages for key in re.findall(r'data-key="(.+?)"', page.read_text("utf-8"))}
    assert given == {"{{ forloop.counter }}", "k", "t", "z"}
    assert keys_told("settle-keys") == {"Alt 1", "Alt 2", "Alt K", "Alt T", "Alt Z", "Enter"}


def test_the_card_has_the_access_keys_of_all_pages():
    pages = (path.read_text("utf-8") for path in (ROOT / "web/templates").rglob("*.html"))
    given = {key.upper() for page in pages for key in re.findall(r'accesskey="(\w)"', page)}
    assert keys_told("page-keys") == {f"Alt {key}" for key in given}


def test_the_guide_names_no_key_that_the_card_does_not_have():
    named = set(re.findall("<kbd>(.+?)</kbd>", render_to_string("guide/guide.html")))
    assert named <= keys_told("review-keys") | keys_told("wall-keys") | keys_told("settle-keys")


@pytest.mark.parametrize("role", Role)
def test_everyone_with_a_role_may_read_the_guide(db, settings, role):
    settings.ALLOWED_HOSTS = ["testserver"]
    desk = Client()
    desk.force_login(make_account("a", full_name="", roles=[(role, make_office())], by="sohoa")[0])
    guide = desk.get("/tro-giup/").content.decode()
    assert '<a href="/tro-giup/" aria-current="page">Trợ giúp</a>' in guide
    for place in re.findall(r'href="#([\w-]+)"', guide):
        assert f'id="{place}"' in guide
    assert "Bảng phím" in desk.get("/tro-giup/phim/").content.decode()
