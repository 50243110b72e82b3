"""The desk under its real server: connections to the database are given back, files come packed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.http import FileResponse
from django.test import AsyncRequestFactory

from pipeline.embedded.places import free_ports
from tests.stages.conftest import ROOT
from web.middleware import SentInPieces

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def held() -> int:
    """Connections of others to this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


@contextmanager
def desk(servers) -> Iterator[httpx.Client]:
    """The desk under uvicorn, as it runs in production."""
    (port,) = free_ports(1, set())
    command = [sys.executable, "-m", "uvicorn", "web.asgi:application", "--port", str(port)]
    process = subprocess.Popen(
        command, env=servers.environment(), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies={"sessionid": "x" * 32}) as client:
            for _ in range(300):
                try:
                    client.get("/healthz")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield client
    finally:
        process.terminate()
        process.wait(10)


def test_forty_requests_leave_no_connection_behind(servers):
    before = held()
    with desk(servers) as client:
        # a session is looked for in the database
        assert {client.get("/").status_code for _ in range(40)} == {302}
        assert held() - before <= 2


def test_styles_and_programs_come_packed_and_may_be_kept(servers):
    with desk(servers) as client:
        answer = client.get("/static/django_htmx/htmx-2.min.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.num_bytes_downloaded < len(answer.content) / 2
    assert "max-age" in answer.headers["Cache-Control"]


def test_a_large_file_is_sent_while_it_is_read(tmp_path):
    path = tmp_path / "package.zip"
    with path.open("wb") as made:
        made.truncate(40_000_000)
    opened = path.open("rb")
    answer = SentInPieces(lambda _: FileResponse(opened))(AsyncRequestFactory().get("/"))

    async def begin() -> int:
        first = await anext(aiter(answer))
        return len(first)

    assert async_to_sync(begin)() == opened.tell() == 262_144
    assert answer.headers["Content-Length"] == "40000000"
    answer.close()
    assert opened.closed
