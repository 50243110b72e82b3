"""The pages of one's own account speak Vietnamese."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import allauth
import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as translated
from django.utils.translation import override, templatize

ROOT = Path(__file__).parents[3]
MESSAGES = ROOT / "web/locale/vi/LC_MESSAGES"
TEMPLATES = Path(allauth.__file__).parent / "templates"
PAGES = (
    "account/account_inactive.html",
    "account/logout.html",
    "account/reauthenticate.html",
    "account/base_reauthenticate.html",
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    "account/messages/password_changed.txt",
    "mfa/authenticate.html",
    "mfa/index.html",
    "mfa/reauthenticate.html",
    "mfa/recovery_codes/base.html",
    "mfa/recovery_codes/generate.html",
    "mfa/recovery_codes/index.html",
    "mfa/totp/base.html",
    "mfa/totp/deactivate_form.html",
    "mfa/messages/recovery_codes_generated.txt",
    "mfa/messages/totp_activated.txt",
    "mfa/messages/totp_deactivated.txt",
)
"""Templates of the frame that the desk shows as they are."""


def written() -> dict[str, str]:
    """Pairs of the .po file, which has each text in one line."""
    found, key = {}, ""
    for line in (MESSAGES / "django.po").read_text("utf-8").splitlines():
        if line.startswith("msgid "):
            key = ast.literal_eval(line.removeprefix("msgid "))
        elif match := re.match(r"msgstr(?:\[0\])? ", line):
            found[key] = ast.literal_eval(line[match.end() :])
    return {key: text for key, text in found.items() if key}


def test_the_compiled_texts_are_those_written():
    with (MESSAGES / "django.mo").open("rb") as compiled:
        catalog = gettext.GNUTranslations(compiled)._catalog
    kept = {key[0] if isinstance(key, tuple) else key: text for key, text in catalog.items()}
    del kept[""]
    assert kept == written()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_frame_has_every_sentence_in_vietnamese(page):
    source = templatize((TEMPLATES / page).read_text("utf-8"))
    asked = re.findall(r"""n?gettext\(\s*u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", source)
    assert asked or "messages" not in page
    with override("vi"):
        english = [text for text in map(ast.literal_eval, asked) if translated(text) == text]
    assert english == []


def test_every_refusal_of_a_new_password_is_in_vietnamese():
    with override("vi"):
        for given in ("ngan", "1234567890"):
            with pytest.raises(ValidationError) as refused:
                validate_password(given)
            assert all(
                re.search("[ăâđêôơưạảấầẩậắặẹếềệỉịọốộớợụủứừựỳỹ]", text) for text in refused.value.messages
            )
