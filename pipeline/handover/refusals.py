"""Why a package is refused, in sentences for officers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.checks import Check
from storage.packages.problems import PackageRefused
from validators.rules import rule_of
from validators.rules.labels import label
from validators.verdict import Severity

_SENTENCES = {
    "ARCHIVE_MISSING": "Thiếu tệp nén.",
    "ARCHIVE_UNREADABLE": "Tệp nén không mở được.",
    "BOOK_AMBIGUOUS": "Có nhiều quyển cùng số của các nơi đăng ký khác nhau; hãy thêm --unit.",
    "BOOK_NAME_MALFORMED": "Tên quyển phải có dạng LOẠI.năm.quyển, ví dụ KS.2005.01.",
    "BOOK_NUMBER_MALFORMED": "Quyển số không có dạng NN/YYYY.",
    "BOOK_UNKNOWN": "Đơn vị không có quyển này.",
    "CELL_NOT_TEXT": "Ô không ở dạng văn bản.",
    "CELL_TOO_LONG": "Nội dung dài hơn một ô bảng tính chứa được.",
    "CERTIFICATE_DIFFERS": "Các dòng của một giấy chứng nhận ghi khác nhau.",
    "CODE_MALFORMED": "Mã phông, mã hồ sơ chỉ gồm chữ không dấu, chữ số, dấu . - _; hãy thêm --code.",
    "CODE_UNKNOWN": "Giá trị không có trong bảng mã của mẫu nhập.",
    "COLUMNS_DIFFER": "Các cột không đúng mẫu hoặc không đúng thứ tự.",
    "CONTENT_CHANGED": "Bản lưu trong kho không còn đúng như lúc ký; hãy gõ: sohoa verify --all",
    "CONTENT_DIFFERS": "Nội dung khác bản đã giữ.",
    "COUNT_DIFFERS": "Số tài liệu ghi trong mô tả khác số có trong gói.",
    "COUNT_MALFORMED": "Cột số thứ tự không phải là số.",
    "DATE_MALFORMED": "Ngày không có thật hoặc không đúng dạng.",
    "DATE_NOT_WITH_POINTS": "Ngày phải viết với dấu chấm: DD.MM.YYYY.",
    "DATE_UNREADABLE": "Ngày tháng trong mô tả không đọc được.",
    "DESCRIBED_TWICE": "Một tài liệu được mô tả hai lần.",
    "DESCRIPTION_OF_NOTHING": "Mô tả không thuộc tài liệu nào.",
    "DOCUMENT_CODE_DIFFERS": "Mã tài liệu không khớp tên tệp.",
    "DOCUMENT_NOT_DESCRIBED": "Tài liệu không có mô tả.",
    "DOSSIER_CODE_DIFFERS": "Mã hồ sơ trong EAD và METS khác nhau.",
    "EVIDENCE_WITHOUT_RECORD": "Bằng chứng của hồ sơ không có trong gói.",
    "FILE_CHANGED": "Tệp trong gói không đúng mã băm đã ghi.",
    "FILE_MISSING": "Thiếu tệp mà gói phải có.",
    "FILE_NAME_MALFORMED": "Tên tệp không đúng quy định.",
    "FILE_NOT_LISTED": "Có tệp không nằm trong danh sách của gói.",
    "FILE_TWICE": "Một tên tệp có ở hai hồ sơ.",
    "FILE_UNREADABLE": "Tệp trong gói không đọc được.",
    "FOLDER_NAME_DIFFERS": "Tên thư mục của gói không đúng mã OBJID.",
    "FOLDER_NOT_EMPTY": "Thư mục đã có tệp của một gói; hãy chọn thư mục trống.",
    "FONDS_DIFFERS": "Mã phông trong gói không thống nhất.",
    "IDENTITY_UNUSUAL": "Số giấy tờ không có 9 hoặc 12 chữ số.",
    "LISTED_TWICE": "Một tệp được liệt kê hai lần.",
    "LIST_DIFFERS": "Danh mục kiểm tra không khớp với các giấy chưa có tệp quét.",
    "LIST_UNREADABLE": "Danh mục kiểm tra không đọc được.",
    "METADATA_MISSING": "Thiếu metadata.json.",
    "METADATA_UNREADABLE": "metadata.json không đọc được hoặc thiếu mục.",
    "NAMES_DIFFER": "Tên bảng tính và tệp nén không giống nhau.",
    "NOLINK": "Giấy chứng nhận chưa có tệp quét.",
    "NOTHING_TO_PACK": "Không có tài liệu nào để đóng gói.",
    "NOT_MASKED": "Có trường mà mục đích này không được xem.",
    "NOT_SIGNED": "Tệp PDF trong gói chưa ký số.",
    "NO_CASES": "Không có hồ sơ nào.",
    "NO_EVENTS": "Hồ sơ không có sự kiện nào về quá trình bảo quản.",
    "NO_RECORD_INSIDE": "Tệp được ký từ nơi gửi nên không kèm bản ghi để đối chiếu.",
    "NO_TEMPLATE": "Bộ chưa có mẫu nhập cho loại giấy tờ này nên không xuất được.",
    "NUMBER_MALFORMED": "Số đăng ký không đúng dạng.",
    "OBJID_MALFORMED": "Mã OBJID không đúng dạng urn:<mã phông>:uuid:<mã>.",
    "PACKAGE_TOO_LARGE": "Tệp nén bung ra lớn bất thường nên không mở.",
    "PACKAGE_UNREADABLE": "Gói không mở được.",
    "PACK_REFUSED": "Gói có chỗ sẽ làm phần mềm nhận từ chối; hãy sửa hết các mục sau.",
    "PAGES_DIFFER": "Số trang ghi trong mô tả khác số trang của các tài liệu.",
    "PAGE_NOT_NUMERIC": "Trang số không phải là số.",
    "PAGE_UNREADABLE": "Trang quét không mở được.",
    "PAPER_CODE_MISSING": "Thiếu mã hồ sơ giấy.",
    "PDF_MISSING": "Thiếu tệp PDF của hồ sơ.",
    "PDF_NOT_COLOUR": "Ảnh không có màu (bản quét đen trắng).",
    "PDF_NOT_SIGNED": "Tệp quét chưa ký số.",
    "PDF_OF_OTHER_BOOK": "Tệp PDF thuộc quyển khác.",
    "PDF_OF_OTHER_CERTIFICATE": "Tệp quét thuộc giấy chứng nhận khác.",
    "PDF_SIGNED": "Tệp PDF của gói nhập không được ký số.",
    "PDF_TOO_LARGE": "Tệp PDF lớn hơn mức phần mềm nhận.",
    "PDF_UNREADABLE": "Tệp PDF không mở được.",
    "PDF_WITHOUT_ROW": "Tệp PDF không có dòng dữ liệu.",
    "PREMIS_DIGEST_DIFFERS": "Tệp PDF không đúng mã băm ghi trong PREMIS.",
    "PROFILE_DIFFERS": "Có dòng dành cho mục đích khác.",
    "RECORD_NOT_FINISHED": "Hồ sơ chưa duyệt, ký và lưu xong.",
    "RECORD_TWICE": "Một hồ sơ có hai lần.",
    "REFERENCE_DANGLING": "Mô tả trỏ tới thứ không có trong gói.",
    "REGISTRATION_DATE_MALFORMED": "Ngày đăng ký không đủ ngày, tháng, năm.",
    "REPRESENTATION_DIFFERS": "METS của bản thể hiện không khớp METS của gói.",
    "REPRESENTATION_NOT_POINTED_AT": "METS của gói không trỏ tới bản thể hiện.",
    "REQUIRED_EMPTY": "Thiếu trường bắt buộc để nhập.",
    "RISK_RECOVERY_STATUS_MISSING": "Thiếu tình trạng dự phòng.",
    "ROWS_DIFFER": "Số dòng khác số đã ghi.",
    "ROW_TOO_LONG": "Dòng có nhiều ô hơn mẫu.",
    "ROW_TWICE": "Dòng lặp lại (cùng nơi đăng ký, quyển, số).",
    "SCHEMAS_NOT_LISTED": "Gói không kèm lược đồ.",
    "SCHEMA_NOT_MET": "Mô tả không đúng lược đồ (quá dài, thiếu hoặc sai mã).",
    "SHEET_MISSING": "Thiếu bảng tính.",
    "SIGNATURES_DIFFER": "Số chữ ký của tệp PDF khác số đã ghi.",
    "SIZE_DIFFERS": "Kích thước tệp khác số đã ghi.",
    "TABLE_UNREADABLE": "Bảng dữ liệu không đọc được.",
    "TARGET_EXISTS": "Nơi ghi đã có gói hoặc dữ liệu; hãy chọn thư mục khác.",
    "TIME_WITHOUT_ZONE": "Thời gian không ghi múi giờ.",
    "TOO_MANY_ROWS": "Nhiều hồ sơ hơn một lần xuất cho phép.",
    "UNSAFE_NAME": "Tên tệp trong gói không an toàn (trỏ ra ngoài gói, liên kết hoặc trùng tên).",
    "VALUE_MALFORMED": "Giá trị không đúng dạng của cột.",
    "VALUE_UNREADABLE": "Giá trị trong mô tả không đọc được.",
    "VOLUME_MALFORMED": "Số quyển không đúng dạng.",
    "WORKBOOK_TOO_LARGE": "Bảng tính lớn bất thường.",
    "WORKBOOK_UNREADABLE": "Bảng tính không mở được.",
    "XML_UNREADABLE": "Tệp XML không đọc được.",
    "YEAR_OF_NUMBER_DIFFERS": "Năm trong số đăng ký khác năm đăng ký.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason, for people and for programs.

    Attributes:
        where: record, row or file.
        field: official key; "" where none is meant.
    """

    code: str
    message: str
    where: str = ""
    field: str = ""


def problem_of(check: Check) -> Problem:
    """One failed or undecided check in words."""
    evidence = check.evidence
    where = next((evidence[k] for k in ("record", "name", "sheet") if evidence.get(k)), "")
    field = evidence.get("field", "")
    told = evidence.get("message") or sentence(check.code)
    if field:
        told = f"{told.rstrip('.')}: {label(field)}."
    return Problem(check.code, told, where, field)


def sentence(code: str) -> str:
    """What a code means: of packages, or else of the rule that raised it."""
    head = code.partition(":")[0]
    if head in _SENTENCES:
        return _SENTENCES[head]
    rule = rule_of(code, Severity.BLOCKS_IMPORT)
    return f"{rule.meaning}." if rule else "Gói không đạt kiểm tra."


def problems_of(refused: PackageRefused) -> Sequence[Problem]:
    """Every reason of a refusal; the refusal's own code where there is but one."""
    if refused.problems:
        return [problem_of(check) for check in refused.problems]
    return [Problem(refused.code, sentence(refused.code))]
