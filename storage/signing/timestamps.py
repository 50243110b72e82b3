"""RFC 3161 timestamps over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import urllib3
from asn1crypto import tsp
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from storage.errors import ClockOff, TimestampUnavailable

REPLY = "application/timestamp-reply"


class TimestampAuthority:
    """A timestamp authority by its address; connections and its certificates are kept between requests.

    Attributes:
        url: where requests are posted to.
        offset: how far this machine's clock was behind the authority's at its last answer.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 10.0,
        username: str | None = None,
        password: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.url = url
        self.offset: timedelta | None = None
        self._clock = clock
        headers = {"Content-Type": "application/timestamp-query", "Accept": REPLY}
        if username is not None:
            headers |= urllib3.make_headers(basic_auth=f"{username}:{password or ''}")
        self.timestamper = _PooledTimeStamper(url, timeout_s, headers, self._heard)

    def require_clock(self, tolerance: timedelta) -> None:
        """See that both clocks agree; the authority is asked where it has not answered yet, or disagreed.

        Raises:
            ClockOff: they do not, so what this machine says about certificates' validity is worth nothing.
            TimestampUnavailable: the authority did not answer.
        """
        if self.offset is None or abs(self.offset) > tolerance:
            try:
                asyncio.run(self.timestamper.async_timestamp(bytes(32), "sha256"))
            except TimestampRequestError as error:
                raise TimestampUnavailable("TIMESTAMP_UNAVAILABLE", str(error)) from error
        if self.offset is not None and abs(self.offset) > tolerance:
            raise ClockOff(
                "SEAL_CLOCK_OFF", f"this clock is {self.offset} behind {self.url}; set it and try again"
            )

    def _heard(self, moment: datetime) -> None:
        self.offset = moment - self._clock()


class _PooledTimeStamper(TimeStamper):
    def __init__(
        self, url: str, timeout_s: float, headers: dict[str, str], heard: Callable[[datetime], None]
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._heard = heard
        self._url = url
        self._headers = headers
        self._pool = urllib3.PoolManager(timeout=timeout_s, retries=urllib3.Retry(2, backoff_factor=0.2))

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return await asyncio.to_thread(self._post, req.dump())

    def _post(self, body: bytes) -> tsp.TimeStampResp:
        try:
            reply = self._pool.request("POST", self._url, body=body, headers=self._headers)
        except urllib3.exceptions.HTTPError as error:
            raise TimestampRequestError(f"timestamp authority does not answer: {error}") from error
        kind = reply.headers.get("Content-Type", "").split(";")[0].strip()
        if reply.status != 200 or kind != REPLY:
            raise TimestampRequestError(f"timestamp authority answered {reply.status} {kind}")
        answer = tsp.TimeStampResp.load(reply.data)
        token = answer["time_stamp_token"]
        if answer["status"]["status"].native in ("granted", "granted_with_mods"):
            self._heard(token["content"]["encap_content_info"]["content"].parsed["gen_time"].native)
        return answer
