"""The desk gives every connection to the database back, however many requests it answers."""

from __future__ import annotations

import subprocess
import sys
import time

import httpx
import pytest
from django.db import connection

from pipeline.embedded.places import free_ports
from tests.stages.conftest import ROOT

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def held() -> int:
    """Connections of others to this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_forty_requests_leave_no_connection_behind(servers):
    (port,) = free_ports(1, set())
    command = [sys.executable, "-m", "uvicorn", "web.asgi:application", "--port", str(port)]
    before = held()
    desk = subprocess.Popen(
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
            # a session is looked for in the database
            assert {client.get("/").status_code for _ in range(40)} == {302}
        assert held() - before <= 2
    finally:
        desk.terminate()
        desk.wait(10)
