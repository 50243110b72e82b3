"""Milliseconds a seal, seals a minute and bytes a page, on a drawn A4 page of 300 dpi."""

from __future__ import annotations

import argparse
import io
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import numpy as np
from asn1crypto.keys import PrivateKeyInfo
from bench_seal_token import measure_token
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from PIL import Image
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

sys.path.insert(0, str(Path(__file__).parents[1]))

from storage import verapdf
from storage.pdfa import SealPage, build_pdfa
from storage.signing.demo_authority import TIMESTAMP_PATH, DemoAuthority, create_authority
from storage.signing.keys import SigningKey
from storage.signing.pades import Level, sign_pades
from storage.signing.revocation import Revocations
from storage.signing.timestamps import TimestampAuthority
from storage.verify import pdfa_check
from storage.verify_signature import load_trust, signature_checks
from storage.xmp import SealMetadata

WHY = {"reason": "Số hóa", "location": "xã", "name": "Cán bộ"}


class StockKey(SigningKey):
    """Signs with pyHanko's own signer, which parses the key for every signature."""

    authority: DemoAuthority

    def signer(self) -> SimpleSigner:
        """A stock signer."""
        if not hasattr(self, "stock"):
            pem = load_pem_private_key(self.authority.officer_key.read_bytes(), None)
            der = pem.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            self.stock = SimpleSigner(
                signing_cert=self.certificate,
                signing_key=PrivateKeyInfo.load(der),
                cert_registry=SimpleCertificateStore.from_certs(self.chain),
            )
        return self.stock


def page() -> SealPage:
    """Paper with noise and strokes, so that the JPEG is as large as a scan's."""
    drawn = np.random.default_rng(7).normal(225, 5, (3508, 2480, 3))
    for row in range(200, 3300, 90):
        drawn[row : row + 4, 200:2280] = 60
    data = io.BytesIO()
    Image.fromarray(drawn.clip(0, 255).astype("uint8")).save(data, "JPEG", quality=80)
    return SealPage(data.getvalue(), "image/jpeg", 2480, 3508, 300)


def build(sheet: SealPage) -> bytes:
    """The copy before it is signed."""
    metadata = SealMetadata(title="KS 1", identifier="1", creator="UBND", created=datetime.now(UTC))
    return build_pdfa([sheet], b"{}", metadata, block=None)


def timed(work: Callable[[], object], count: int) -> float:
    """Median milliseconds, after one run that fills the caches."""
    work()
    spent = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return round(statistics.median(spent) * 1000, 1)


def worker(folder: Path, url: str, sheet: SealPage, count: int) -> int:
    """Make, sign and prove `count` copies at B-LTA, as one worker process does."""
    authority = create_authority(folder, url)
    trust = load_trust(authority.trust)
    key, tsa, revocations = authority.signing_key(), TimestampAuthority(authority.tsa_url), Revocations(trust)
    for _ in range(count):
        pdf = sign_pades(build(sheet), key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)
        assert all(c.outcome == "PASSED" for c in signature_checks(pdf, trust))
    return count


def measure(authority: DemoAuthority, count: int) -> dict[str, object]:
    """All figures."""
    sheet, trust = page(), load_trust(authority.trust)
    pdf = build(sheet)
    key, tsa, revocations = authority.signing_key(), TimestampAuthority(authority.tsa_url), Revocations(trust)
    stock = StockKey.from_pem(authority.officer_key, authority.folder / "officer.chain.pem")
    stock.authority = authority
    levels = {}
    for level in Level:
        sign = partial(sign_pades, tsa=tsa, level=level, revocations=revocations, **WHY)
        signed = sign(pdf, key)
        levels[str(level)] = {
            "sign_ms": timed(partial(sign, pdf, key), count),
            "sign_ms_stock_signer": timed(partial(sign, pdf, stock), count),
            "whole_ms": timed(lambda s=sign: list(signature_checks(s(build(sheet), key), trust)), count),
            "bytes_added": len(signed) - len(pdf),
            "bytes_page": len(signed),
        }
    start = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(worker, authority.folder, authority.url, sheet, count) for _ in range(2)]
        done = sum(job.result() for job in jobs)
    minute = round(done / (time.perf_counter() - start) * 60, 1)
    return {"levels": levels, "image_bytes": len(sheet.image), "seals_per_minute_two_workers": minute}


def measure_validation(authority: DemoAuthority, count: int) -> dict[str, object]:
    """Milliseconds that veraPDF adds to a seal, which it sees before and after signing."""
    if (reason := verapdf.available()) is not None:
        raise SystemExit(f"veraPDF cannot run: {reason}")
    pdf = build(page())
    with verapdf.VeraPdf() as validator:
        start = time.perf_counter()
        checks = [pdfa_check(pdf, validator)]
        first = round((time.perf_counter() - start) * 1000, 1)
        signed = sign_pades(pdf, authority.signing_key(), tsa=TimestampAuthority(authority.tsa_url), **WHY)
        before = timed(lambda: checks.append(pdfa_check(pdf, validator)), count)
        after = timed(lambda: checks.append(pdfa_check(signed, validator)), count)
    if any(check.outcome != "PASSED" for check in checks):
        raise SystemExit("a copy is no PDF/A")
    return {"start_ms": first, "before_signing_ms": before, "after_signing_ms": after}


def main() -> None:
    """Serve the demo authority in a process of its own and measure against it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="seals for each figure")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--token", action="store_true", help="only signatures with a token, unlocked once")
    only.add_argument("--validate", action="store_true", help="only what veraPDF adds to a seal")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        url = f"http://127.0.0.1:{port}"
        authority = create_authority(Path(folder), url)
        command = [sys.executable, "-m", "storage.signing.demo_authority", folder, "127.0.0.1", str(port)]
        with subprocess.Popen(command) as server:
            try:
                _wait(url + TIMESTAMP_PATH)
                if given.token:
                    result = measure_token(authority, build(page()), given.count)
                elif given.validate:
                    result = measure_validation(authority, given.count)
                else:
                    result = measure(authority, given.count)
            finally:
                server.terminate()
    print(json.dumps(result, indent=1) if given.json else _table(result))


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            httpx.get(url, timeout=1)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the demo authority does not answer")


def _table(result: dict[str, object]) -> str:
    if "levels" not in result:
        return "\n".join(f"{name}: {figure}" for name, figure in result.items())
    rows = [f"{level:6} {figures}" for level, figures in result["levels"].items()]
    return "\n".join([*rows, f"two workers: {result['seals_per_minute_two_workers']} seals a minute (B-LTA)"])


if __name__ == "__main__":
    main()
