"""The rules as a page for officers, made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from validators.rules.catalogue import RULES
from validators.rules.registry import Rule
from validators.rules.stages import STAGE_RULES
from validators.verdict import Severity

_SEVERITIES = {
    Severity.BLOCKS_IMPORT: "chặn nhập dữ liệu",
    Severity.BLOCKS_APPROVAL: "chặn phê duyệt",
    Severity.WARNS: "cảnh báo",
}
_HEAD = """\
# Các quy tắc kiểm tra

Trang này được tạo từ mã nguồn bằng `scripts/generate_rules`; không sửa tay.

Một quy tắc chỉ chặn khi mọi trường nó dựa vào đã đọc chắc chắn. Trường đọc chưa chắc, hoặc chưa chắc là để
trống, thì quy tắc chỉ cảnh báo và nêu tên trường cần xem lại; trường không đọc được thì không áp dụng.

- **Chặn phê duyệt**: hồ sơ không được duyệt khi cán bộ chưa sửa trường hoặc chưa ghi lý do.
- **Chặn nhập dữ liệu**: hồ sơ vẫn được duyệt, ký và lưu; nhưng chưa vào gói nhập của Bộ.
- **Cảnh báo**: chỉ nhắc.

Cán bộ giải quyết một mục bằng lý do; lý do, người và thời điểm được ghi lại. Mã kết thúc bằng dấu hai chấm
có tên trường theo sau.

"""
_STAGES = """
## Mã của các bước xử lý

Các mục này không do quy tắc trên nêu ra mà do bước đọc trang, đối chiếu dân cư, ký và lưu. Mã kết thúc
bằng dấu sao là một họ mã.

"""
_TABLE = """\
| Mã | Ý nghĩa | Mức độ cao nhất | Căn cứ | Vì sao, làm gì |
|--|--|--|--|--|
"""


def rules_page() -> str:
    """Markdown text of ``docs/rules.md``."""
    return _HEAD + _table(RULES) + _STAGES + _table(STAGE_RULES)


def _table(rules: Iterable[Rule]) -> str:
    lines = (
        f"| `{r.code}` | {r.meaning} | {_SEVERITIES[r.severity]} | {r.source} | {r.why} |\n" for r in rules
    )
    return _TABLE + "".join(lines)
