"""Turns of phrase that papers of the registries use and that leave one spelling only.

Origins of land use are prescribed (circulars 17/2009/TT-BTNMT, 24/2014/TT-BTNMT): "Công nhận QSDĐ như giao
đất có thu tiền sử dụng đất". A reading that says "thu tiên" or "chuyến nhượng" misread a mark.
"""

from __future__ import annotations

from typing import Final

from validators.letters import fold, seated

PHRASES: Final = (
    "nhà nước giao đất",
    "nhà nước cho thuê đất",
    "không thu tiền sử dụng đất",
    "có thu tiền sử dụng đất",
    "trả tiền một lần",
    "trả tiền hàng năm",
    "quyền sử dụng đất",
    "mục đích sử dụng đất",
    "công nhận QSDĐ",
    "như giao đất",
    "nhận chuyển nhượng",
    "nhận chuyển đổi",
    "nhận tặng cho",
    "nhận thừa kế",
    "chuyển nhượng đất",
    "tặng cho đất",
    "thừa kế đất",
    "đất ở tại nông thôn",
    "đất ở tại đô thị",
    "đất trồng cây lâu năm",
    "tai biến mạch máu não",
    "tai nạn giao thông",
)
_WORDS: Final = tuple((tuple(p.split(" ")), [fold(word) for word in p.split(" ")]) for p in PHRASES)
_AROUND: Final = " ,;:.()\"'"


def respelled(text: str) -> str:
    """The text with every known phrase spelled as it must be; capitals and signs around it stay.

    Args:
        text: tidy, words parted by single blanks.
    """
    words = text.split(" ")
    bare = [word.strip(_AROUND) for word in words]
    folded = [fold(word) for word in bare]
    for right, wanted in _WORDS:
        for at in range(len(words) - len(right) + 1):
            if folded[at : at + len(right)] != wanted:
                continue
            for n, word in enumerate(right, at):
                if seated(bare[n]).casefold() != seated(word).casefold():
                    words[n] = words[n].replace(bare[n], _in_case_of(bare[n], word))
                    bare[n] = words[n].strip(_AROUND)
    return " ".join(words)


def _in_case_of(model: str, word: str) -> str:
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word[0].upper() + word[1:] if model[0].isupper() else word
