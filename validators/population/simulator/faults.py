"""What a simulated service can be told to do wrong."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from validators.population.service.wires import SOAP


class Fault(enum.StrEnum):
    """One misbehaviour; the value is what the command line calls it."""

    SLOW = "slow"
    ERROR_500 = "error-500"
    QUOTA = "quota"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    WRONG_NAMESPACE = "wrong-namespace"
    WRONG_ENCODING = "wrong-encoding"
    BOMB = "bomb"
    DEEP = "deep"
    HUGE = "huge"
    HANG_UP = "hang-up"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and body; `cut` bytes of the body are announced and never sent."""

    status: int
    body: bytes
    cut: int = 0


def spoiled(fault: Fault, reply: Reply) -> Reply:
    """A good reply as the fault leaves it; SLOW, QUOTA and HANG_UP are not matters of the body."""
    body = reply.body
    match fault:
        case Fault.ERROR_500:
            return Reply(500, b"MO PHONG: loi may chu")
        case Fault.MALFORMED:
            return Reply(200, body[: len(body) // 2])
        case Fault.TRUNCATED:
            return Reply(200, body, cut=len(body) // 2)
        case Fault.WRONG_NAMESPACE:
            return Reply(200, body.replace(b"http://www.mic.gov.vn/dancu/1.0", b"urn:mo-phong"))
        case Fault.WRONG_ENCODING:
            return Reply(200, body.decode().encode("utf-16"))
        case Fault.BOMB:
            return Reply(200, _billion_laughs())
        case Fault.DEEP:
            return Reply(200, b"<a>" * 200 + b"</a>" * 200)
        case Fault.HUGE:
            return Reply(200, body + b" " * (3 << 20))
    return reply


def _billion_laughs() -> bytes:
    entities = '<!ENTITY l0 "MO PHONG">' + "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
    )
    return (
        f'<?xml version="1.0"?><!DOCTYPE e [{entities}]>'
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body>&l9;</s:Body></s:Envelope>'
    ).encode()
