"""Sends one message to another system, again and again until it is taken or given up.

Waits grow from seconds to a day. A receiver that fails is left alone for the whole of its wait, so that its
other messages do not each keep a worker busy with finding out the same.
"""

from __future__ import annotations

import ssl
from datetime import timedelta

import httpx
import structlog
from django.utils import timezone

from pipeline.claims import Claim, LateWriter, claim, database_now, finishing, heartbeat, move, postpone
from pipeline.configuration import Settings
from pipeline.machines.models import DeliveryState, Webhook, WebhookDelivery
from pipeline.machines.webhooks import body_of, headers_of, may_be_called, message_id, secret_of
from pipeline.stages.attempts import new_owner
from pipeline.webhook_settings import WebhookSettings

WAITS = (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
"""Seconds before each further sending: the schedule that Standard Webhooks proposes, three days in all."""
_LONGEST_QUIET = 300.0
_log = structlog.get_logger(__name__)

_SENTENCES = {
    "REDIRECTED": "Bên nhận chuyển sang địa chỉ khác; chỉ gửi tới đúng địa chỉ đã đăng ký.",
    "NOT_REACHED": "Không nối được tới bên nhận.",
    "TIMEOUT": "Bên nhận không trả lời kịp.",
    "NOT_ALLOWED": "Máy chủ của địa chỉ này không còn trong webhooks.allowed_hosts.",
    "WITHDRAWN": "Đăng ký báo tin đã được thu hồi.",
    "REFUSED": "Bên nhận trả lời lỗi.",
}


def run(delivery_id: str, settings: Settings) -> bool:
    """Send one message, if it waits for that; false where there was nothing to do."""
    rules = settings.webhooks
    held = claim(WebhookDelivery, [DeliveryState.OPEN], new_owner(), settings.lease_seconds, pk=delivery_id)
    if held is None:
        return False
    webhook = held.row.webhook
    try:
        if webhook.withdrawn_at:
            _give_up(held, "WITHDRAWN")
        elif not may_be_called(webhook.url, rules.allowed_hosts):
            _give_up(held, "NOT_ALLOWED")
        elif webhook.quiet_until and (left := (webhook.quiet_until - database_now()).total_seconds()) > 0:
            postpone(held, left)
        else:
            with heartbeat(held):
                status, code = _send(held.row, rules)
            _settle(held, status, code)
    except LateWriter as late:
        _log.warning("late writer refused", reason=str(late))
    return True


def _send(row: WebhookDelivery, rules: WebhookSettings) -> tuple[int, str]:
    """HTTP status, 0 without an answer, and why the message was not taken; "" where it was."""
    body, name = body_of(row.event), message_id(row.event)
    headers = {
        **headers_of(name, body, secret_of(row.webhook), timezone.now()),
        "Content-Type": "application/json",
        "User-Agent": "Sohoa",
    }
    trust = ssl.create_default_context(cafile=str(rules.ca_file) if rules.ca_file else None)
    try:
        with (
            httpx.Client(
                verify=trust, timeout=rules.timeout_seconds, follow_redirects=False, trust_env=False
            ) as client,
            client.stream("POST", row.webhook.url, content=body, headers=headers) as answer,
        ):
            status = answer.status_code  # its body is nobody's business here
    except httpx.TimeoutException:
        return 0, "TIMEOUT"
    except httpx.HTTPError as error:
        _log.warning("receiver not reached", webhook=str(row.webhook_id), error=str(error))
        return 0, "NOT_REACHED"
    if 200 <= status < 300:
        return status, ""
    return status, "REDIRECTED" if 300 <= status < 400 else "REFUSED"


def _settle(held: Claim[WebhookDelivery], status: int, code: str) -> None:
    with finishing(held) as row:
        row.status = status
        if not code:
            move(row, DeliveryState.DELIVERED)
            Webhook.objects.filter(pk=row.webhook_id).update(quiet_until=None)
            return
        row.failures += 1
        row.error_code, row.error_message = code, _SENTENCES[code]
        # a receiver that answers 410 wants nothing more of this kind
        if row.failures > len(WAITS) or status == httpx.codes.GONE:
            move(row, DeliveryState.QUARANTINED)
            return
        row.tries = 0
        now, wait = database_now(), WAITS[row.failures - 1]
        row.not_before = now + timedelta(seconds=wait)
        quiet = now + timedelta(seconds=min(wait, _LONGEST_QUIET))
        Webhook.objects.filter(pk=row.webhook_id).update(quiet_until=quiet)


def _give_up(held: Claim[WebhookDelivery], code: str) -> None:
    with finishing(held) as row:
        move(row, DeliveryState.QUARANTINED)
        row.error_code, row.error_message = code, _SENTENCES[code]
