"""Vietnamese typed before Unicode: TCVN3 (``.Vn*`` fonts) and VNI (``VNI-*`` fonts) to NFC.

Both put accented letters on Latin-1 code points, so clean Unicode and legacy text cannot be told apart
by their letters; only the font name decides.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_TCVN3_CODES: Final = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦"
_TCVN3_LETTERS: Final = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ"
_TCVN3: Final = str.maketrans(_TCVN3_CODES, _TCVN3_LETTERS)

_VNI_LETTERS: Final = {"ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ô": "ơ", "ö": "ư"}
_VNI_MARKS: Final = {
    "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_BASES: Final = frozenset("aeouyơư")

_SUBSET: Final = re.compile(r"^[A-Z]{6}\+")
_STYLE: Final = re.compile(
    r"([,\- ]?(bold|italic|oblique|regular|roman|mt))+$|(?<=[a-zH])(BI|B|I)$", re.IGNORECASE
)


def to_unicode(text: str, font: str) -> str:
    """Text of one font as NFC Unicode.

    Args:
        text: as the PDF gives it.
        font: PDF font name, with or without subset prefix.
    """
    name = _SUBSET.sub("", font)
    if re.match(r"\.?Vn[A-Z]", name):
        text = text.translate(_TCVN3)
        # Capitals carry no codes of their own: fonts ending in H draw small letters as capitals.
        if _plain_name(name).endswith("H"):
            text = text.upper()
    elif name.upper().startswith("VNI"):
        text = _from_vni(text)
    return unicodedata.normalize("NFC", text)


def _plain_name(name: str) -> str:
    before = ""
    while before != name:
        before, name = name, _STYLE.sub("", name)
    return name


def _from_vni(text: str) -> str:
    out: list[str] = []
    for letter in text:
        low, upper = letter.lower(), letter != letter.lower()
        before = out[-1].lower() if out else ""
        if low in _VNI_MARKS and before in _VNI_BASES:
            out.append(_VNI_MARKS[low])
        else:
            plain = _VNI_LETTERS.get(low, low)
            out.append(plain.upper() if upper else plain)
    return "".join(out)
