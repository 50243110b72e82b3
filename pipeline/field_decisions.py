"""Why a field needs nobody, or why somebody has to look: codes, sentences for officers, evidence."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ocr.elements import FieldReading


class DecisionCode(enum.StrEnum):
    """What settled the question; ``ACCEPTED_…`` needs nobody."""

    ACCEPTED_PERSON = "ACCEPTED_PERSON"
    ACCEPTED_EMPTY = "ACCEPTED_EMPTY"
    ACCEPTED_EXACT_SOURCE = "ACCEPTED_EXACT_SOURCE"
    ACCEPTED_REGISTER = "ACCEPTED_REGISTER"
    ACCEPTED_TWO_SOURCES = "ACCEPTED_TWO_SOURCES"
    ACCEPTED_CALIBRATED = "ACCEPTED_CALIBRATED"
    ACCEPTED_TWO_KEYS = "ACCEPTED_TWO_KEYS"
    ACCEPTED_ADJUDICATED = "ACCEPTED_ADJUDICATED"
    NEEDS_PERSON_POLICY = "NEEDS_PERSON_POLICY"
    NEEDS_PERSON_TWO_KEYS = "NEEDS_PERSON_TWO_KEYS"
    NEEDS_PERSON_KEYS_DIFFER = "NEEDS_PERSON_KEYS_DIFFER"
    NEEDS_PERSON_UNREADABLE = "NEEDS_PERSON_UNREADABLE"
    NEEDS_PERSON_CONFLICT = "NEEDS_PERSON_CONFLICT"
    NEEDS_PERSON_EMPTY = "NEEDS_PERSON_EMPTY"
    NEEDS_PERSON_HANDWRITTEN_NAME = "NEEDS_PERSON_HANDWRITTEN_NAME"
    NEEDS_PERSON_HANDWRITING = "NEEDS_PERSON_HANDWRITING"
    NEEDS_PERSON_ONE_SOURCE = "NEEDS_PERSON_ONE_SOURCE"
    NEEDS_PERSON_OLD_FONT = "NEEDS_PERSON_OLD_FONT"
    NEEDS_PERSON_LOW_CONFIDENCE = "NEEDS_PERSON_LOW_CONFIDENCE"

    @property
    def sentence(self) -> str:
        """For officers."""
        return _SENTENCES[self]


_SENTENCES = {
    DecisionCode.ACCEPTED_PERSON: "Cán bộ đã nhập hoặc xác nhận.",
    DecisionCode.ACCEPTED_EMPTY: "Ô này để trống trên giấy.",
    DecisionCode.ACCEPTED_EXACT_SOURCE: "Lấy từ mã QR hoặc từ chữ có sẵn trong tệp, không qua nhận dạng.",
    DecisionCode.ACCEPTED_REGISTER: "Trùng với cơ sở dữ liệu dân cư, tìm theo các trường khác.",
    DecisionCode.ACCEPTED_TWO_SOURCES: "Hai nguồn độc lập cho cùng một giá trị và độ tin cậy đủ cao.",
    DecisionCode.ACCEPTED_CALIBRATED: "Độ tin cậy đã hiệu chỉnh vượt ngưỡng chấp nhận.",
    DecisionCode.ACCEPTED_TWO_KEYS: "Hai lần nhập độc lập cho cùng một giá trị.",
    DecisionCode.ACCEPTED_ADJUDICATED: "Hai lần nhập khác nhau; người thứ ba đã quyết định.",
    DecisionCode.NEEDS_PERSON_POLICY: "Đơn vị quy định trường này phải có cán bộ xem hoặc có nguồn thứ hai.",
    DecisionCode.NEEDS_PERSON_TWO_KEYS: "Trường này được nhập hai lần độc lập; còn thiếu lần nhập.",
    DecisionCode.NEEDS_PERSON_KEYS_DIFFER: "Hai lần nhập khác nhau; chờ người thứ ba quyết định.",
    DecisionCode.NEEDS_PERSON_UNREADABLE: "Không đọc được, hoặc chữ đọc được không phải giá trị hợp lệ.",
    DecisionCode.NEEDS_PERSON_CONFLICT: "Có cách đọc khác hoặc nguồn khác trái với giá trị này.",
    DecisionCode.NEEDS_PERSON_EMPTY: "Chưa chắc ô này để trống.",
    DecisionCode.NEEDS_PERSON_HANDWRITTEN_NAME: "Tên viết tay không bao giờ được nhận chỉ nhờ máy đọc.",
    DecisionCode.NEEDS_PERSON_HANDWRITING: "Chữ viết tay của loại trường này chưa có nguồn thứ hai xác nhận.",
    DecisionCode.NEEDS_PERSON_ONE_SOURCE: "Mới có một nguồn đọc; cần nguồn thứ hai cho cùng giá trị.",
    DecisionCode.NEEDS_PERSON_OLD_FONT: "Phông chữ cũ thiếu một số chữ cái nên tên và địa danh chưa chắc.",
    DecisionCode.NEEDS_PERSON_LOW_CONFIDENCE: "Độ tin cậy chưa đạt ngưỡng chấp nhận.",
}


@dataclass(frozen=True, slots=True)
class FieldDecision:
    """The answer for one field.

    Attributes:
        needed: confidence that would have been or was enough; None where confidence did not decide.
    """

    code: DecisionCode
    needed: float | None = None

    @property
    def accepted(self) -> bool:
        """Whether nobody needs to look."""
        return self.code.startswith("ACCEPTED")


_SOURCES = {
    "agree": "số và chữ khớp nhau",
    "twin": "trường khác trong hồ sơ ghi giống",
    "second": "máy đọc thứ hai đọc giống",
    "printed": "máy đọc chữ in đọc giống",
    "place": "danh mục đơn vị hành chính có đúng tên này",
    "units": "danh mục có đủ các đơn vị này",
    "register": "cơ sở dữ liệu dân cư",
}
_SAME = 0.999
_LOOSER = {"agree": 0.5, "twin": 0.0}


def evidence_of(reading: FieldReading) -> tuple[str, ...]:
    """What speaks for the value, in Vietnamese, the reader itself first."""
    signals = reading.signals
    told = [
        text
        for name, text in _SOURCES.items()
        if name in signals and signals[name] > _LOOSER.get(name, _SAME)
    ]
    return (reading.source, *told) if reading.source else tuple(told)
