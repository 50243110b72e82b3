"""Names of the ministry pack: one PDF a case, and the sheet and archive of a book.

``<LOẠI>.<năm mở sổ>.<quyển>.<ngày đăng ký>.<số>.pdf``; the number's padding differs between systems in use
(``51`` and ``051``), so it is a setting when writing and no matter when reading. Books of several years
carry further years between kind and volume.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from storage.packages.problems import PackageRefused

_NUMBER = re.compile(
    r"0*(?P<number>\d+?)(?P<suffix> ?(?:bis|[a-zđ]))?(?:\s*/\s*(?P<year>\d{4}))?", re.IGNORECASE
)
_VOLUME = re.compile(r"[0-9A-ZĐ]+(?:-[0-9A-ZĐ]+)*", re.IGNORECASE)
_BOOK = re.compile(r"(?P<volume>.+?)\s*/\s*(?P<year>\d{4})")
_FILE = re.compile(
    r"(?P<kind>[A-ZĐ]+)\.(?P<years>\d{4}(?:[.-]\d{4})*)\.(?P<volume>[^.]+)"
    r"\.(?P<date>\d{4}-\d{2}-\d{2})\.(?P<number>[^.]+)\.pdf"
)
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True, order=True)
class EntryNumber:
    """Number of a case in its book and year: 51, 51a, 51 bis of 2005; the suffix as written."""

    year: int
    number: int
    suffix: str = ""

    def cell(self) -> str:
        """As the sheet has it, ``NN/YYYY``."""
        return f"{self.number:02d}{self.suffix}/{self.year}"


@dataclass(frozen=True, slots=True)
class FileName:
    """What the name of a case's PDF says.

    Attributes:
        kind: of the register.
        years: in which the book was opened, then further ones of a book of several years.
        volume: two digits at least, or letters as on the cover.
        registered: ISO date, whole.
    """

    kind: str
    years: tuple[int, ...]
    volume: str
    registered: str
    number: int
    suffix: str = ""

    @property
    def key(self) -> tuple[str, int, str, str, int, str]:
        """Equal for names of the same case, however padded, spaced or capitalised."""
        return (
            self.kind,
            self.years[0],
            self.volume,
            self.registered,
            self.number,
            self.suffix.strip().lower(),
        )

    def text(self, digits: int = 1) -> str:
        """The name, its number padded to so many digits."""
        years = ".".join(map(str, self.years))
        return (
            f"{self.kind}.{years}.{self.volume}.{self.registered}.{self.number:0{digits}d}{self.suffix}.pdf"
        )


def entry_number(text: str, year: int | None = None) -> EntryNumber:
    """Number as written on paper or in a sheet: ``51``, ``51a/2005``, ``51 bis``.

    Args:
        text: as written.
        year: of registration, taken where the text names none.

    Raises:
        PackageRefused: ``NUMBER_MALFORMED``; a number that is none must never become a file name.
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None or len(found["number"]) > _MOST_DIGITS or not (found["year"] or year):
        raise PackageRefused("NUMBER_MALFORMED", f"{text!r} is no entry number")
    of = int(found["year"]) if found["year"] else year
    assert of is not None
    return EntryNumber(of, int(found["number"]), found["suffix"] or "")


def volume(text: str) -> str:
    """Volume as names carry it: plain numbers with two digits, letters in capitals.

    Raises:
        PackageRefused: ``VOLUME_MALFORMED``.
    """
    tidy = text.strip().replace(".", "-").upper()
    if not _VOLUME.fullmatch(tidy):
        raise PackageRefused("VOLUME_MALFORMED", f"{text!r} is no volume")
    return f"{int(tidy):02d}" if tidy.isascii() and tidy.isdigit() else tidy


def book_number(text: str) -> tuple[str, int]:
    """Volume and year of ``quyenSo``, such as ``01/2005``.

    Raises:
        PackageRefused: ``BOOK_NUMBER_MALFORMED`` or ``VOLUME_MALFORMED``.
    """
    found = _BOOK.fullmatch(text.strip())
    if found is None:
        raise PackageRefused("BOOK_NUMBER_MALFORMED", f"{text!r} is not NN/YYYY")
    return volume(found["volume"]), int(found["year"])


def parse_file_name(name: str) -> FileName:
    """Take the name of a case's PDF apart, whatever its number's padding.

    Raises:
        PackageRefused: ``FILE_NAME_MALFORMED``.
    """
    found = _FILE.fullmatch(unicodedata.normalize("NFC", name))
    try:
        if found is None:
            raise PackageRefused("FILE_NAME_MALFORMED", name)
        years = tuple(int(y) for y in re.split(r"[.-]", found["years"]))
        number = entry_number(found["number"], years[0])
        if "/" in found["number"]:
            raise PackageRefused("FILE_NAME_MALFORMED", name)
        return FileName(
            found["kind"], years, volume(found["volume"]), found["date"], number.number, number.suffix
        )
    except PackageRefused as error:
        raise PackageRefused("FILE_NAME_MALFORMED", f"{name!r} is not LOẠI.năm.quyển.ngày.số.pdf") from error


def export_stem(unit: str, kind: str, year: int, of_volume: str) -> str:
    """Name of sheet and archive, without ending: ``xalocthuan_hbd_tbt.CMC.2006.01``.

    Args:
        unit: issuing unit as it then was, smallest first: "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre".
    """
    first, *above = [part.strip() for part in unit.split(",") if part.strip()] or [""]
    names = [_joined(first), *("".join(word[0] for word in _words(part)) for part in above)]
    place = "_".join(name for name in names if name)
    return f"{place or 'khongro'}.{kind}.{year}.{of_volume}"


def _joined(part: str) -> str:
    return "".join(_words(part))


def _words(text: str) -> list[str]:
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    plain = "".join(c for c in bare if not unicodedata.combining(c)).replace("'", "").replace("’", "")
    return re.findall(r"[a-z0-9]+", plain)
