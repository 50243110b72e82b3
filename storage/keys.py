"""Names of stored objects.

Names never carry what is written on a record: only codes and digests. Two directory levels of a digest
spread 100 million originals over 65,536 folders of about 1,500; sealed copies spread over office, book,
year and 256 folders below.
"""

from __future__ import annotations

import hashlib
import re

from storage.errors import StoreRefused

ORIGINALS = "originals/"
SEALED = "sealed/"
PACKAGES = "packages/"
PROBE = "probe/"
"""Short-lived objects of the start-up probe; they are no records."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ORIGINAL = re.compile(r"originals/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{64})")


def original_key(sha256: str) -> str:
    """Key of a delivered file: ``originals/ab/cd/<sha256>``."""
    _require(_SHA256, sha256, "a SHA-256 in lower-case hexadecimal")
    return f"{ORIGINALS}{sha256[:2]}/{sha256[2:4]}/{sha256}"


def original_sha256(key: str) -> str | None:
    """The digest that the key of a delivered file promises, or ``None`` for other keys."""
    match = _ORIGINAL.fullmatch(key)
    if match is None or match[1] + match[2] != match[3][:4]:
        return None
    return match[3]


def sealed_key(office: str, book: str, year: int, content_sha256: str) -> str:
    """Key of a sealed copy: ``sealed/<office>/<book>/<year>/ab/<sha256>.pdf``.

    Args:
        office: code of the office.
        book: code of the book or dossier, see `book_code`.
        year: in which the book was opened.
        content_sha256: of the PDF before it was signed. Building is deterministic and signing is not, so
            this is the same for every attempt at one record.
    """
    _require(_CODE, office, "an office code")
    _require(_CODE, book, "a book code")
    _require(_SHA256, content_sha256, "a SHA-256 in lower-case hexadecimal")
    if not 1800 <= year <= 9999:
        raise StoreRefused("KEY_MALFORMED", f"{year} is not a year")
    return f"{SEALED}{office}/{book}/{year}/{content_sha256[:2]}/{content_sha256}.pdf"


def book_code(form: str, book: str) -> str:
    """Code of a book for object keys: form, volume, and six hexadecimal digits of the whole description.

    Args:
        form: code of the form, such as ``KS``.
        book: all that tells the book apart, such as volume, year and issuing unit; "" where it is not known.
    """
    if not book:
        return f"{form}-unbound"
    volume = re.sub(r"[^A-Za-z0-9]+", "-", book.split("|")[1] if book.count("|") else book).strip("-")
    digest = hashlib.sha256(book.encode()).hexdigest()[:6]
    return "-".join(part for part in (form, volume[:32], digest) if part)


def package_key(office: str, kind: str, year: int, sha256: str, suffix: str) -> str:
    """Key of a hand-over package: ``packages/<office>/<kind>/<year>/<sha256>.<suffix>``."""
    _require(_CODE, office, "an office code")
    _require(_CODE, kind, "a kind of package")
    _require(_SHA256, sha256, "a SHA-256 in lower-case hexadecimal")
    _require(_CODE, suffix, "a file suffix without its dot")
    return f"{PACKAGES}{office}/{kind}/{year}/{sha256}.{suffix}"


def _require(pattern: re.Pattern[str], value: str, what: str) -> None:
    if not pattern.fullmatch(value):
        raise StoreRefused("KEY_MALFORMED", f"{value!r} is not {what}")
