"""Invented people, and clients that ask a simulated service for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from validators.population import RegisterRow
from validators.population.service import (
    Caller,
    CallRecord,
    CircuitBreaker,
    DailyQuota,
    DirectSigner,
    Edge,
    Pace,
    Question,
    Retries,
    ServiceClient,
    SoapWire,
    Wire,
    http_client,
)
from validators.population.service.signing import Signer
from validators.population.simulator import Access, Simulator

VY = RegisterRow(
    soDinhDanh="064308001234",
    soCMND="231479200",
    hoTen="Nguyễn Phương Vy",
    ngaySinh="2008-05-20",
    gioiTinh="2",
    danToc="Kinh",
    queQuan="xã Ia Tô, huyện Ia Grai, tỉnh Gia Lai",
    noiThuongTru="làng Bluk, xã Ia Tô, huyện Ia Grai, tỉnh Gia Lai",
    hoTenCha="Nguyễn Văn Tài",
    hoTenMe="Trần Thị Bích",
)
QUESTION = Question("YC-1", VY.soDinhDanh, VY.hoTen, VY.ngaySinh)
CALLER = Caller("064080000001", "H26.3", "1.001193", "lan", "Số hóa sổ hộ tịch")


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Desk:
    """A client with everything that it tells."""

    client: ServiceClient
    clock: Clock
    calls: list[CallRecord] = field(default_factory=list)

    def ask(self, question: Question = QUESTION):
        return self.client.confirm(question, CALLER, self.calls.append)

    @property
    def outcomes(self) -> list[str]:
        return [c.outcome for c in self.calls]


def signer(simulator: Simulator, **changes: str) -> DirectSigner:
    access = simulator.access
    given = {
        "signed_url": simulator.url,
        "user": access.user,
        "secret": access.secret,
        "client": access.client,
        "api_key": access.api_key,
    }
    return DirectSigner(**(given | changes))


def desk(
    simulator: Simulator,
    *,
    wire: Wire | None = None,
    signed_by: Signer | None = None,
    http: httpx.Client | None = None,
    url: str = "",
    retries: Retries | None = None,
    breaker: tuple[int, float] = (100, 30.0),
    quota: Callable[[Desk], DailyQuota] | None = None,
    per_second: float = 1000.0,
) -> Desk:
    clock = Clock()
    made = Desk.__new__(Desk)
    made.clock, made.calls = clock, []
    made.client = ServiceClient(
        url or simulator.url,
        wire or SoapWire(),
        signed_by or signer(simulator),
        http or http_client(timeout_seconds=0.5),
        edge=Edge(simulator._wall_ms, lambda: clock.now, clock.sleep, lambda: 0.5),
        pace=Pace(per_second, lambda: clock.now, clock.sleep),
        breaker=CircuitBreaker(*breaker, clock=lambda: clock.now),
        quota=quota(made) if quota else None,
        retries=retries,
    )
    return made


__all__ = ["CALLER", "QUESTION", "VY", "Access", "Clock", "Desk", "desk", "signer"]
