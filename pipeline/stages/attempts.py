"""One attempt of one stage: claimed, kept alive, and ended in every case."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import Error as DatabaseError
from django.db import connection, transaction

from pipeline.claims import Claim, LateWriter, Row, fail, heartbeat, postpone
from pipeline.stages.runs import FAILED, StageInput, note
from storage.errors import StorageError

OUTAGE_PAUSE_SECONDS = 15.0
"""How long a row rests while a server that its stage needs does not answer."""

_SENTENCES = {
    "prepare": "Chưa xử lý được ảnh của tệp này; hệ thống sẽ thử lại.",
    "read": "Chưa đọc được tệp này; hệ thống sẽ thử lại.",
    "check": "Chưa kiểm tra được hồ sơ này; hệ thống sẽ thử lại.",
    "books": "Chưa kiểm tra được theo quyển; hệ thống sẽ thử lại.",
    "seal": "Chưa ký số được hồ sơ này; hệ thống sẽ thử lại.",
    "store": "Chưa kiểm chứng được bản đã lưu của hồ sơ này; hệ thống sẽ thử lại.",
}
_log = structlog.get_logger(__name__)


def new_owner() -> str:
    """Name of one attempt's worker; never the same twice."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


@contextmanager
def attempt(held: Claim[Row], given: StageInput) -> Iterator[None]:
    """Run a stage under its claim; whatever it raises ends the attempt in good order.

    A server that does not answer postpones the row without using up a try. Any other error uses one.
    A late writer is left with nothing written.
    """
    start = time.monotonic()
    log = _log.bind(stage=given.stage, row=str(held.row.pk), attempt=held.attempt)
    try:
        with heartbeat(held):
            yield
        log.info("stage done", seconds=round(time.monotonic() - start, 3))
    except LateWriter as late:
        log.warning("late writer refused", reason=str(late))
    except DatabaseError as error:
        if connection.is_usable():
            _failed(held, given, "DATABASE_REFUSED", error, time.monotonic() - start)
        else:
            # the claim cannot be ended; its lease will end by itself
            connection.close()
        log.warning("database error", error=str(error))
    except StorageError as error:
        code = error.code
        log.warning("storage error", code=code, error=error.message)
        if error.retryable:
            _quietly(lambda: postpone(held, OUTAGE_PAUSE_SECONDS, code, _SENTENCES[given.stage]))
        else:
            _failed(held, given, error.code, error, time.monotonic() - start)
    except SoftTimeLimitExceeded as error:
        _failed(held, given, "TIME_LIMIT", error, time.monotonic() - start)
    except Exception as error:
        log.exception("stage failed")
        _failed(held, given, f"{given.stage.upper()}_FAILED", error, time.monotonic() - start)


def _failed(held: Claim[Row], given: StageInput, code: str, error: BaseException, seconds: float) -> None:
    def end() -> None:
        with transaction.atomic():
            fail(held, code, _SENTENCES[given.stage])
            note(
                held.row,
                given,
                FAILED,
                seconds=seconds,
                attempt=held.attempt,
                worker=held.owner,
                # the text of an exception may quote what was read; only its kind is kept
                error=(code, type(error).__name__),
            )

    _quietly(end)


def _quietly(end: Callable[[], None]) -> None:
    try:
        end()
    except LateWriter as late:
        _log.warning("late writer refused", reason=str(late))
