"""RFC 3161 timestamps over HTTP."""

from __future__ import annotations

import asyncio

import urllib3
from asn1crypto import tsp
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

REPLY = "application/timestamp-reply"


class TimestampAuthority:
    """A timestamp authority by its address; connections and its certificates are kept between requests.

    Attributes:
        url: where requests are posted to.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 10.0,
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        self.url = url
        headers = {"Content-Type": "application/timestamp-query", "Accept": REPLY}
        if username is not None:
            headers |= urllib3.make_headers(basic_auth=f"{username}:{password or ''}")
        self.timestamper = _PooledTimeStamper(url, timeout_s, headers)


class _PooledTimeStamper(TimeStamper):
    def __init__(self, url: str, timeout_s: float, headers: dict[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
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
        return tsp.TimeStampResp.load(reply.data)
