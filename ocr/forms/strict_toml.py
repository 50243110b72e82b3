"""TOML tables read strictly; mistakes are told in Vietnamese, with what to write instead.

Every function raises `FormError`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from typing import Any

from ocr.forms.schema import FormError


def read_toml(file: Traversable) -> dict[str, Any]:
    """Parse a file."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FormError(
            f"{file.name}: sai cú pháp TOML ({error}). Hãy xem lại dấu ngoặc, dấu nháy."
        ) from error
    except UnicodeDecodeError as error:
        raise FormError(f"{file.name}: không phải chữ UTF-8. Hãy lưu lại tệp với mã UTF-8.") from error


def texts(value: object, where: str) -> tuple[str, ...]:
    """Take a value that must be a list of texts."""
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise FormError(f'{where}: cần một danh sách chữ như ["…", "…"], nhưng lại là {value!r}.')
    return tuple(value)


def unheard(what: str, given: str, known: Iterable[str]) -> str:
    """Names what is not known, what comes nearest, and all that is."""
    names = sorted(known)
    near = get_close_matches(given, names, n=3, cutoff=0.5)
    hint = f" Có phải bạn muốn viết: {', '.join(near)}?" if near else ""
    return f"không có {what} '{given}'.{hint} Dùng được: {', '.join(names)}."


class StrictTable:
    """A TOML table whose keys must all be asked for."""

    def __init__(self, where: str, data: object) -> None:
        if not isinstance(data, Mapping):
            raise FormError(f"{where}: cần một bảng {{ mục = giá trị }}, nhưng lại là {data!r}.")
        self.where = where
        self._left = dict(data)
        self._known: set[str] = set()

    def take(self, key: str, default: Any = None) -> Any:
        """Take a key that may be left out."""
        self._known.add(key)
        return self._left.pop(key, default)

    def need(self, key: str) -> Any:
        """Take a key that must be there."""
        self._known.add(key)
        if key not in self._left:
            raise FormError(f"{self.where}: thiếu mục '{key}'. Hãy thêm dòng: {key} = …")
        return self._left.pop(key)

    def close(self) -> None:
        """Refuse keys that nobody asked for."""
        if self._left:
            raise FormError(f"{self.where}: {unheard('mục', sorted(self._left)[0], self._known)}")
