"""Findings that stages of the pipeline raise and no rule of a case: pages, registers, seals.

They stand here so that the page of rules and the desk explain every code an officer may meet.
"""

from __future__ import annotations

from validators.rules.registry import Rule
from validators.verdict import Severity

_APPROVAL, _WARNS = Severity.BLOCKS_APPROVAL, Severity.WARNS
_REGISTER = "Đối chiếu với cơ sở dữ liệu quốc gia về dân cư"
_SIGNING = "Luật Giao dịch điện tử 2023, Nghị định 23/2025/NĐ-CP"
_PROPOSAL = (
    "Sổ giữ nguyên; giá trị của dân cư chỉ là đề xuất. Xem lại bản quét: đọc sai thì sửa trường, sổ ghi như "
    "vậy thì ghi lý do."
)
_RENEW = "Không ký được bằng chứng thư này. Thay chứng thư; hồ sơ đã duyệt sẽ được ký lại."

STAGE_RULES: tuple[Rule, ...] = (
    Rule(
        "UNREADABLE_PAGE",
        "Trang không đọc được",
        _APPROVAL,
        "Kiểm tra chất lượng ảnh quét",
        "Trang quá mờ, quá tối hoặc bị hỏng; quét lại trang này.",
    ),
    Rule(
        "BOOK_NOT_AS_CHOSEN",
        "Hồ sơ ghi quyển khác với quyển đã chọn khi tiếp nhận",
        _WARNS,
        "Tiếp nhận theo quyển",
        "Trang lẫn từ quyển khác, chọn nhầm quyển khi tiếp nhận, hoặc số quyển đọc sai. Xem bìa sổ; sửa số "
        "quyển hoặc ghi lý do.",
    ),
    Rule("REGISTER_NAME_DIFFERS", "Họ tên trong sổ khác dân cư", _APPROVAL, _REGISTER, _PROPOSAL),
    Rule("REGISTER_BIRTH_DIFFERS", "Ngày sinh trong sổ khác dân cư", _APPROVAL, _REGISTER, _PROPOSAL),
    Rule("REGISTER_SEX_DIFFERS", "Giới tính trong sổ khác dân cư", _APPROVAL, _REGISTER, _PROPOSAL),
    Rule(
        "REGISTER_NUMBER_DIFFERS",
        "Số định danh hoặc số CMND trong sổ khác dân cư",
        _APPROVAL,
        _REGISTER,
        _PROPOSAL,
    ),
    Rule("REGISTER_FATHER_DIFFERS", "Họ tên cha trong sổ khác dân cư", _APPROVAL, _REGISTER, _PROPOSAL),
    Rule("REGISTER_MOTHER_DIFFERS", "Họ tên mẹ trong sổ khác dân cư", _APPROVAL, _REGISTER, _PROPOSAL),
    Rule(
        "REGISTER_NOT_FOUND",
        "Không có ai trong dân cư với số, họ tên và ngày sinh này",
        _WARNS,
        _REGISTER,
        "Người có thể đã mất, đã chuyển đi, hoặc một trường đọc sai. Xem lại số, họ tên, ngày sinh; đúng như "
        "sổ thì ghi lý do.",
    ),
    Rule(
        "REGISTER_AMBIGUOUS",
        "Nhiều người trong dân cư giống người này",
        _WARNS,
        _REGISTER,
        "Trùng tên hoặc sinh đôi: hệ thống không tự chọn. So cha, mẹ, nơi cư trú rồi chọn đúng người.",
    ),
    Rule(
        "REGISTER_DOWN",
        "Chưa hỏi được cơ sở dữ liệu dân cư",
        _WARNS,
        _REGISTER,
        "Dịch vụ không trả lời sau nhiều lần thử. Cho hỏi lại (`sohoa register ask`) hoặc bỏ qua, ghi lý do.",
    ),
    Rule(
        "REGISTER_LINKED",
        "Trích lục dân cư có một người rất giống người chưa được xác nhận",
        _WARNS,
        "Liên kết hàng loạt (Fellegi–Sunter), `sohoa register link`",
        "Mở dòng trích lục ghi trong bằng chứng và so với sổ. Đúng người thì ghi nhận làm bằng chứng, không "
        "đúng thì bác bỏ.",
    ),
    Rule(
        "REGISTER_LINK_UNSURE",
        "Trích lục dân cư có người có thể là người chưa được xác nhận",
        _WARNS,
        "Liên kết hàng loạt (Fellegi–Sunter), `sohoa register link`",
        "Có người gần giống hoặc nhiều người giống nhau; hệ thống không tự chọn. So các dòng trích lục ghi "
        "trong bằng chứng với sổ.",
    ),
    Rule(
        "CERTIFICATE_EXPIRES_SOON",
        "Chứng thư số sắp hết hạn",
        _WARNS,
        _SIGNING,
        "Hồ sơ này đã ký được; sau ngày hết hạn thì không. Gia hạn chứng thư trước ngày đó.",
    ),
    Rule("CERTIFICATE_EXPIRED", "Chứng thư số đã hết hạn", _WARNS, _SIGNING, _RENEW),
    Rule("CERTIFICATE_REVOKED", "Chứng thư số đã bị thu hồi", _WARNS, _SIGNING, _RENEW),
    Rule("CERTIFICATE_NOT_YET_VALID", "Chứng thư số chưa có hiệu lực", _WARNS, _SIGNING, _RENEW),
    Rule("CERTIFICATE_UNUSABLE", "Chứng thư số không dùng để ký được", _WARNS, _SIGNING, _RENEW),
    Rule(
        "CERTIFICATE_UNKNOWN",
        "Chứng thư số không thuộc gốc tin cậy",
        _WARNS,
        _SIGNING,
        "Tổ chức cấp chứng thư chưa có trong `trust_roots` của cấu hình, hoặc chứng thư không phải của cơ "
        "quan.",
    ),
    Rule(
        "SEAL_NOT_VALID",
        "Bản số hóa chưa đạt kiểm tra PDF/A",
        _WARNS,
        "ISO 19005 (PDF/A), kiểm tra bằng veraPDF",
        "Bản chưa đạt thì không được ký và lưu; hồ sơ vẫn ở trạng thái đã duyệt. Báo quản trị viên kèm bằng "
        "chứng của mục này.",
    ),
    Rule(
        "SEAL_*",
        "Chưa ký số được; sau `SEAL_` là nguyên nhân",
        _WARNS,
        _SIGNING,
        "Dấu thời gian, tình trạng chứng thư, thiết bị ký hoặc khóa chưa dùng được. Hồ sơ chờ và được ký "
        "lại; câu của mục nói cần làm gì, mục tự mất khi đã ký.",
    ),
    Rule(
        "SIGNATURE_*",
        "Chữ ký nộp lên bị từ chối; sau `SIGNATURE_` là nguyên nhân",
        _WARNS,
        _SIGNING,
        "Chỉ nhận đúng tệp đã xuất ra, ký một lần bằng chứng thư được phép. Câu của mục nói sai chỗ nào; "
        "ký lại rồi nộp lại.",
    ),
)
"""Codes ending in ``*`` stand for a family; one that is declared by itself is not meant by it."""
