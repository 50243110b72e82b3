"""What is asked of service 037 "tra cứu thông tin công dân", and what it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from validators.errors import PopulationServiceError
from validators.letters import tidy

_BIRTH = re.compile(r"\d{4}(-\d\d){0,2}")


@dataclass(frozen=True, slots=True)
class Question:
    """A confirm question: number, name and birth together; the service cannot search.

    Attributes:
        request_id: unique per question and the same however often it is sent.
        number: 12 digits (personal number) or 9 (old identity card).
        name: full name; sent in capitals.
        birth: ISO date; of a date that is not full, only the year is asked.

    Raises:
        PopulationServiceError: BAD_FIELD for a question that the service could only refuse.
    """

    request_id: str
    number: str
    name: str
    birth: str

    def __post_init__(self) -> None:
        if not self.request_id:
            raise PopulationServiceError("BAD_FIELD", "a question needs a request id")
        if not re.fullmatch(r"\d{9}|\d{12}", self.number, re.ASCII):
            raise PopulationServiceError("BAD_FIELD", "a number has 9 or 12 digits")
        if not tidy(self.name):
            raise PopulationServiceError("BAD_FIELD", "a question needs a name")
        if not _BIRTH.fullmatch(self.birth):
            raise PopulationServiceError("BAD_FIELD", "a question needs at least the year of birth")

    @property
    def capitals(self) -> str:
        """Name in capitals, NFC."""
        return tidy(self.name).upper()

    @property
    def number_element(self) -> str:
        """Official name of the number asked for."""
        return "SoDinhDanh" if len(self.number) == 12 else "SoCMND"

    @property
    def birth_element(self) -> tuple[str, str]:
        """``NgayThangNam`` with yyyyMMdd, or ``Nam`` with the year."""
        if len(self.birth) == 10:
            return "NgayThangNam", self.birth.replace("-", "")
        return "Nam", self.birth[:4]


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf and for what a question is asked; each call is tied to an officer and a procedure.

    Attributes:
        officer: MaCanBo, the officer's number or account.
        unit: MaDonVi.
        procedure: MaDVC.
        account: TaiKhoan.
        phone: SoDienThoai; "0" where none is known.
        purpose: stays on this side, in the call record.
    """

    officer: str
    unit: str
    procedure: str
    account: str
    purpose: str
    phone: str = "0"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One sending of a question, whatever became of it.

    Attributes:
        attempt: from 1; repeats carry the same request id.
        outcome: ``FOUND``, ``NOT_FOUND`` or the code of a `PopulationServiceError`.
        milliseconds: from sending to the parsed answer.
    """

    request_id: str
    officer: str
    unit: str
    procedure: str
    purpose: str
    attempt: int
    outcome: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Address:
    """An address in codes of the statistics office, of before or after July 2025; "" where not given.

    Attributes:
        district: MaQuanHuyen, which answers still carry.
        detail: ChiTiet, free text.
        country: ISO 3166-1 alpha-2.
    """

    province: str = ""
    district: str = ""
    commune: str = ""
    detail: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Relative:
    """Father, mother, spouse, representative or head of household."""

    name: str = ""
    nationality: str = ""
    personal_number: str = ""
    cmnd: str = ""
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Citizen:
    """One CongDan of an answer.

    Attributes:
        name: full, NFC; surname, middle and given name joined.
        birth: ISO, possibly partial, "" where not given.
        sex: code, "1" male, "2" female.
        ethnic: code of QĐ 1019/QĐ-TCTK.
        unread: official names of elements whose content could not be understood and was left out.
    """

    personal_number: str
    cmnd: str
    cccd: str
    name: str
    sex: str
    ethnic: str
    religion: str
    marital: str
    blood: str
    birth: str
    nationality: str
    household: str
    birth_registered: Address = field(default_factory=Address)
    origin: Address = field(default_factory=Address)
    residence: Address = field(default_factory=Address)
    present: Address = field(default_factory=Address)
    father: Relative = field(default_factory=Relative)
    mother: Relative = field(default_factory=Relative)
    spouse: Relative = field(default_factory=Relative)
    representative: Relative = field(default_factory=Relative)
    head: Relative = field(default_factory=Relative)
    unread: tuple[str, ...] = ()
