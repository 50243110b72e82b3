"""The rules as a page for officers, made from the catalogue."""

from __future__ import annotations

from validators.rules.catalogue import RULES
from validators.verdict import Severity

_SEVERITIES = {
    Severity.BLOCKS_IMPORT: "chặn nhập dữ liệu",
    Severity.BLOCKS_APPROVAL: "chặn phê duyệt",
    Severity.WARNS: "cảnh báo",
}
_HEAD = """\
# Các quy tắc kiểm tra

Trang này được tạo từ mã nguồn bằng `scripts/generate_rules`; không sửa tay.

Một quy tắc chỉ chặn khi mọi trường nó dựa vào đã đọc chắc chắn. Trường đọc chưa chắc thì quy tắc chỉ
cảnh báo; trường không đọc được thì không áp dụng. `REQUIRED_EMPTY:` có tên trường theo sau.

| Mã | Ý nghĩa | Mức độ cao nhất | Căn cứ |
|--|--|--|--|
"""


def rules_page() -> str:
    """Markdown text of ``docs/rules.md``."""
    lines = (f"| `{r.code}` | {r.meaning} | {_SEVERITIES[r.severity]} | {r.source} |\n" for r in RULES)
    return _HEAD + "".join(lines)
