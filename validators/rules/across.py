"""Rules that compare several records: numbers of a book, and things that may stand only once.

``validators.books`` and ``validators.repeats`` apply them.
"""

from __future__ import annotations

from validators.rules.registry import Rule
from validators.verdict import Severity

_IMPORT, _APPROVAL, _WARNS = Severity.BLOCKS_IMPORT, Severity.BLOCKS_APPROVAL, Severity.WARNS
_SQL = "Kiểm tra trước khi nhập vào phần mềm hộ tịch"
_LAND = "Thông tư 10/2024/TT-BTNMT"

NUMBER_GAP = Rule(
    "NUMBER_GAP",
    "Thiếu số thứ tự trong sổ",
    _IMPORT,
    _SQL,
    "Một số bị thiếu là một trang chưa quét, một việc chưa đọc được, hoặc số bị bỏ khi ghi sổ. Quét bổ sung "
    "hoặc ghi lý do (ví dụ: số bị hủy).",
)
DUPLICATE_NUMBER = Rule(
    "DUPLICATE_NUMBER",
    "Trùng số trong cùng một sổ",
    _IMPORT,
    _SQL,
    "Phần mềm hộ tịch nhận mỗi số một lần trong một quyển của một nơi đăng ký. Trang có thể bị quét hai lần, "
    "hoặc số bị ghi hay đọc sai.",
)
NUMBER_DISORDER = Rule(
    "NUMBER_DISORDER",
    "Số đăng ký không tăng theo thứ tự trang",
    _WARNS,
    _SQL,
    "Trang bị quét lộn thứ tự, tờ bị đóng sai chỗ, hoặc số bị đọc sai.",
)
NUMBER_DATE_DISORDER = Rule(
    "NUMBER_DATE_DISORDER",
    "Số lớn hơn nhưng ngày đăng ký sớm hơn",
    _WARNS,
    "Kinh nghiệm đối chiếu dữ liệu",
    "Số và ngày trong một năm cùng tăng; số hoặc ngày đăng ký bị ghi hay đọc sai.",
)
BOOK_COUNT_DIFFERS = Rule(
    "BOOK_COUNT_DIFFERS",
    "Số việc đọc được khác số việc của sổ đã khóa",
    _IMPORT,
    _SQL,
    "Sổ đã khóa ghi tổng số việc; số việc đọc được phải bằng số đó mới được nhập.",
)
AFTER_BOOK_CLOSED = Rule(
    "AFTER_BOOK_CLOSED",
    "Ngày đăng ký sau ngày khóa sổ",
    _APPROVAL,
    "Luật Hộ tịch 2014, Điều 12",
    "Sau khi khóa sổ không được ghi thêm; ngày đăng ký hoặc quyển số bị ghi hay đọc sai.",
)
DUPLICATE_CASE = Rule(
    "DUPLICATE_CASE",
    "Một việc được đăng ký hai lần",
    _APPROVAL,
    "Luật Hộ tịch 2014",
    "Cùng người, cùng ngày đã có ở một hồ sơ khác: trang quét hai lần, hoặc đăng ký trùng. Giữ một hồ sơ, "
    "hoặc ghi lý do (ví dụ: đăng ký lại).",
)
ALREADY_MARRIED = Rule(
    "ALREADY_MARRIED",
    "Người kết hôn đã có đăng ký kết hôn trước đó",
    _APPROVAL,
    "Luật Hôn nhân và gia đình 2014, Điều 5",
    "Hồ sơ trước không ghi ly hôn, hủy kết hôn. Có thể là người trùng tên, hoặc ghi chú ly hôn chưa đọc "
    "được.",
)
ACT_AFTER_DEATH = Rule(
    "ACT_AFTER_DEATH",
    "Người đã khai tử lại kết hôn hoặc xin xác nhận về sau",
    _APPROVAL,
    "Luật Hộ tịch 2014",
    "Ngày chết hoặc ngày đăng ký sai, hoặc là hai người trùng tên và ngày sinh.",
)
SERIAL_TWICE = Rule(
    "SERIAL_TWICE",
    "Số phát hành có ở hai giấy chứng nhận",
    _APPROVAL,
    _LAND,
    "Mỗi phôi giấy có một số phát hành; giấy bị quét hai lần hoặc số bị đọc sai.",
)
PARCEL_TWICE = Rule(
    "PARCEL_TWICE",
    "Một thửa đất có ở hai giấy chứng nhận còn hiệu lực",
    _APPROVAL,
    _LAND,
    "Cùng xã, tờ, thửa mà không giấy nào ghi biến động và không phải sử dụng chung. Có thể là giấy cấp đổi; "
    "ghi lý do và đánh dấu giấy cũ.",
)

RULES = (
    NUMBER_GAP,
    DUPLICATE_NUMBER,
    NUMBER_DISORDER,
    NUMBER_DATE_DISORDER,
    BOOK_COUNT_DIFFERS,
    AFTER_BOOK_CLOSED,
    DUPLICATE_CASE,
    ALREADY_MARRIED,
    ACT_AFTER_DEATH,
    SERIAL_TWICE,
    PARCEL_TWICE,
)
