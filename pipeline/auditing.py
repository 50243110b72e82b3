"""The chain of events as auditors read it: their offices only, named in Vietnamese, filtered, exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from openpyxl import Workbook

from pipeline.models import Event
from pipeline.people.access import Account, Act, offices_for

VERBS: Mapping[str, str] = {
    "account.identity_forgotten": "Gỡ gắn kết đăng nhập một lần",
    "account.made": "Tạo tài khoản",
    "account.password_changed": "Đổi mật khẩu",
    "account.password_reset": "Cấp mật khẩu mới",
    "account.second_factor_dropped": "Gỡ lớp bảo vệ thứ hai của người khác",
    "account.second_factor_failed": "Gõ sai mã lớp bảo vệ thứ hai",
    "account.second_factor_removed": "Tắt lớp bảo vệ thứ hai",
    "account.second_factor_set": "Bật lớp bảo vệ thứ hai",
    "account.sign_in_failed": "Đăng nhập sai mật khẩu",
    "account.sign_on_refused": "Đăng nhập một lần bị từ chối",
    "account.signed_in": "Đăng nhập",
    "account.signed_out": "Thoát",
    "account.switched_off": "Khóa tài khoản",
    "account.switched_on": "Mở lại tài khoản",
    "audit.exported": "Xuất nhật ký",
    "audit.read": "Hệ thống khác đọc nhật ký",
    "audit.verified": "Kiểm chuỗi nhật ký",
    "batch.checked": "Kiểm tra xong một đợt nhận",
    "book.made": "Tạo quyển sổ",
    "carry.packed": "Đóng gói danh sách mang đi",
    "carry.received": "Nhận danh sách mang về",
    "copy.downloaded": "Tải bản đã ký",
    "copy.linked": "Cấp đường dẫn tải bản đã ký",
    "copy.verified": "Kiểm chứng bản đã ký",
    "field.said": "Ghi nội dung một trường",
    "field.settled": "Thống nhất hai lần nhập",
    "field.taken_back": "Hoàn tác một trường",
    "finding.settled": "Giải quyết một phát hiện",
    "index.rebuilt": "Dựng lại danh mục từ kho",
    "locks.extended": "Kéo dài thời hạn khóa",
    "note.added": "Ghi chú vào hồ sơ",
    "office.changed": "Sửa đơn vị",
    "office.made": "Tạo đơn vị",
    "order.made": "Lập xong gói hệ thống khác yêu cầu",
    "order.refused": "Không lập được gói hệ thống khác yêu cầu",
    "package.asked": "Hệ thống khác yêu cầu gói bàn giao",
    "package.downloaded": "Tải gói bàn giao",
    "package.exported": "Xuất gói bàn giao",
    "package.refused": "Gói bàn giao bị từ chối",
    "record.approval_withdrawn": "Rút phê duyệt",
    "record.approved": "Phê duyệt hồ sơ",
    "record.corrected": "Đính chính hồ sơ đã khóa",
    "record.delivered": "Bàn giao hồ sơ",
    "record.exported": "Xuất dữ liệu hồ sơ",
    "record.handed_out": "Đưa hồ sơ ra ký ngoài",
    "record.held": "Giữ pháp lý hồ sơ",
    "record.listed": "Hệ thống khác xem danh sách hồ sơ",
    "record.released": "Thôi giữ pháp lý hồ sơ",
    "record.rescan_asked": "Yêu cầu quét lại",
    "record.reviewed": "Kiểm tra xong hồ sơ",
    "record.sealed": "Ký số hồ sơ",
    "record.signature_refused": "Chữ ký ngoài bị từ chối",
    "record.stored": "Cất hồ sơ vào kho khóa",
    "record.timestamp_renewed": "Gia hạn dấu thời gian",
    "record.viewed": "Mở xem hồ sơ",
    "records.searched": "Tìm hồ sơ",
    "register.asked_again": "Hỏi lại cơ sở dữ liệu dân cư",
    "register.mismatches_viewed": "Xem danh sách sai lệch dân cư",
    "register.questions_exported": "Xuất câu hỏi gửi dân cư",
    "register.read": "Tra cơ sở dữ liệu dân cư",
    "register.settled": "Giải quyết sai lệch dân cư",
    "role.given": "Giao vai trò",
    "role.withdrawn": "Bỏ vai trò",
    "row.retried": "Cho máy làm lại",
    "sample.drawn": "Rút mẫu nghiệm thu",
    "sample.minutes": "Lập biên bản nghiệm thu",
    "sample.recorded": "Ghi kết quả mẫu",
    "sample.sheet_read": "Nhận phiếu mẫu",
    "scan.received": "Nhận tệp quét",
    "store.backed_up": "Sao lưu",
    "store.incident": "Sự cố kho lưu trữ",
    "store.restored": "Khôi phục từ bản sao lưu",
    "token.made": "Tạo mã kết nối",
    "token.withdrawn": "Thu hồi mã kết nối",
    "webhook.made": "Đăng ký báo tin cho hệ thống khác",
    "webhook.withdrawn": "Thôi báo tin cho hệ thống khác",
}
"""What each verb of the chain is called; a verb without a name is shown as it is written."""

COLUMNS = ("Số", "Thời điểm", "Người", "Đơn vị", "Việc", "Mã việc", "Đối tượng", "Mục đích", "Mã băm")


def events_for(account: Account) -> QuerySet[Event]:
    """Events of the offices whose log an account may read, newest first.

    Events of no office, such as backups, belong to those who watch over a whole tree.
    """
    offices = offices_for(account, Act.AUDIT)
    seen = Q(office__in=offices.values("code"))
    if offices.filter(parent=None).exists():
        seen |= Q(office="")
    return Event.objects.filter(seen).order_by("-id")


def filtered(
    events: QuerySet[Event],
    *,
    office: str = "",
    actor: str = "",
    verb: str = "",
    subject: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Event]:
    """Narrow down; empty arguments let everything through, days are local and both included.

    Args:
        subject: as in the event, ``record:<id>``, or the bare id.
    """
    if office:
        events = events.filter(office=office)
    if actor:
        events = events.filter(actor__iexact=actor)
    if verb:
        events = events.filter(verb=verb)
    if subject:
        events = events.filter(Q(subject=subject) | Q(subject__endswith=f":{subject}"))
    if since:
        events = events.filter(at__gte=_midnight(since))
    if until:
        events = events.filter(at__lt=_midnight(until + timedelta(days=1)))
    return events


def as_csv(events: Iterable[Event]) -> Iterator[str]:
    """Lines of a CSV that spreadsheets open with Vietnamese letters intact."""
    yield "\ufeff"
    yield _line(COLUMNS)
    for event in events:
        yield _line(row_of(event))


def as_workbook(events: Iterable[Event]) -> bytes:
    """The same rows as xlsx."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Nhật ký")
    sheet.append(COLUMNS)
    for event in events:
        sheet.append(row_of(event))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def row_of(event: Event) -> tuple[str, ...]:
    """One event in the order of `COLUMNS`; nothing in it runs as a formula."""
    at = timezone.localtime(event.at).isoformat(timespec="seconds")
    told = (event.actor, event.office, VERBS.get(event.verb, event.verb), event.verb, event.subject)
    return tuple(map(_harmless, (str(event.pk), at, *told, event.purpose, event.hash)))


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _line(row: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(row)
    return buffer.getvalue()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
