"""Batches carried on a stick from an office without a line: signed there, proved and taken in here.

Everything is first brought to this machine's disk and proved; only a whole delivery is received. A pulled
stick or a kill leaves what was brought so far, and the same command goes on from there.
"""

from __future__ import annotations

import fcntl
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from asn1crypto import x509
from django.db import connection, transaction

from pipeline.events import record_event
from pipeline.models import Event, Office
from pipeline.receive import COMPANIONS, Receipt, ReceiveLimits, open_reception
from pipeline.vault import Vault
from storage.checks import Check
from storage.errors import PackageError
from storage.packages.carry import (
    CarriedFile,
    CarryManifest,
    carried_files,
    differences,
    fetch,
    measure,
    read_list,
    read_manifest,
    write_list,
)
from storage.packages.carry_signature import ListSigner, list_signer, sign_list
from storage.packages.problems import PackageRefused
from storage.signing.keys import SealKey

PACKED, RECEIVED = "carry.packed", "carry.received"
PURPOSE = "Chuyển lô quét bằng thiết bị nhớ"
_COUNTER_LOCK = 0x43_41_52_59  # any number that no other advisory lock of this database uses

SENTENCES = {
    "MANIFEST_MISSING": "Thư mục không có bản kê sohoa-chuyen.json: chưa đóng gói xong, hoặc nhầm thư mục.",
    "MANIFEST_UNREADABLE": "Bản kê bị hỏng hoặc không phải do phần mềm này lập. Hãy đóng gói lại ở nơi gửi.",
    "SIGNATURE_MISSING": "Bản kê chưa được ký số. Hãy đóng gói lại ở nơi gửi.",
    "SIGNATURE_UNREADABLE": "Tệp chữ ký của bản kê bị hỏng. Hãy đóng gói lại ở nơi gửi.",
    "SIGNATURE_INVALID": "Bản kê đã bị sửa sau khi ký. Không nhận gì; hãy hỏi lại nơi gửi.",
    "SIGNER_NOT_TRUSTED": "Chứng thư ký bản kê không thuộc gốc tin cậy hoặc đã hết hạn. Hãy xem lại --trust.",
    "SIGNER_UNKNOWN": "Lần đầu nhận từ đơn vị này: hãy gọi hỏi dấu vân tay chứng thư rồi thêm --signer.",
    "SIGNER_DIFFERS": "Người ký không phải chứng thư đã biết của đơn vị. Không nhận gì; hãy hỏi lại nơi gửi.",
    "OLDER_COUNTER": "Đã nhận một lô gửi sau lô này. Nếu đúng là lô gửi trễ, hãy thêm --accept-older.",
    "FILE_DAMAGED": "Tệp không còn đúng như lúc đóng gói. Không nhận gì; hãy chép lại từ nơi gửi.",
    "FILE_MISSING": "Thiếu tệp có trong bản kê. Không nhận gì; hãy chép lại từ nơi gửi.",
    "FILE_NOT_LISTED": "Có tệp ngoài bản kê. Không nhận gì; hãy bỏ tệp đó ra hoặc đóng gói lại.",
    "UNSAFE_NAME": "Tên tệp có ký tự không dùng được trên mọi máy. Hãy đổi tên ở nơi gửi rồi đóng gói lại.",
    "LINK_FOUND": "Có liên kết thay cho tệp thật. Hãy chép tệp thật vào rồi đóng gói lại.",
    "NAMES_COLLIDE": "Hai tên tệp chỉ khác nhau ở chữ hoa, chữ thường. Hãy đổi tên rồi đóng gói lại.",
    "NO_KEY": "Máy này không có khóa ký số để ký bản kê. Hãy đặt signing_pkcs12 rồi gõ lại lệnh này.",
    "NOTHING_TO_PACK": "Thư mục không có tệp nào để chuyển.",
    "PACKED_BEFORE": "Đã đóng gói rồi nhưng tệp đã thay đổi. Hãy xóa sohoa-chuyen.json rồi đóng gói lại.",
    "STICK_GONE": "Không đọc hoặc ghi được nữa, có thể thiết bị bị rút. Hãy cắm lại rồi gõ lại lệnh này.",
    "DISK_FULL": "Hết chỗ trên đĩa. Hãy dọn bớt rồi gõ lại đúng lệnh này; phần đã chép được giữ lại.",
    "BUSY": "Một lệnh khác đang nhận lô này. Hãy đợi lệnh đó xong.",
}


@dataclass(frozen=True, slots=True)
class Packed:
    """A list that now lies signed in a folder.

    Attributes:
        fresh: false where the same files were packed before, and their list still holds.
    """

    manifest: CarryManifest
    signer: ListSigner
    folder: Path
    fresh: bool


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of a delivery that was not refused.

    Attributes:
        repeated: it was taken in before, and nothing was done now.
        older: it was taken in although a later one had been.
        codes: receipts by code; "" for new files.
    """

    manifest: CarryManifest
    signer: ListSigner
    repeated: bool
    older: bool = False
    batch: str = ""
    codes: dict[str, int] = field(default_factory=dict)
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class Gate:
    """Whose deliveries are let in.

    Attributes:
        signer: fingerprint of the office's certificate, told by the office itself; needed the first time
            and whenever its certificate changes.
        accept_older: let in what was packed before something already received.
    """

    trust: Sequence[x509.Certificate]
    signer: str = ""
    accept_older: bool = False


def sentence(code: str) -> str:
    """Vietnamese sentence of a refusal."""
    return SENTENCES.get(code, "Không xử lý được lô chuyển này.")


def pack(
    folder: Path,
    *,
    office: Office,
    actor: str,
    key: SealKey | None,
    trust: Sequence[x509.Certificate],
    to: Path | None = None,
    done: Callable[[], None] = lambda: None,
) -> Packed:
    """Sign a list of everything in a folder, after copying it to the stick where one is named.

    Args:
        key: of the office; ``None`` where officers sign with devices of their own.
        to: folder on the stick; without it the list is put into `folder` itself.
        done: called after each file.

    Raises:
        PackageError: see `SENTENCES`; the folder then holds no new list.
    """
    if key is None:
        raise PackageError("NO_KEY", "the installation holds no key")
    files = tuple(measure(path, name) for name, path in carried_files(folder))
    if not files:
        raise PackageError("NOTHING_TO_PACK", str(folder))
    place = folder
    if to is not None:
        damaged = fetch(folder, files, to, done)
        if damaged:
            raise PackageRefused("FILE_DAMAGED", "files changed while they were copied", damaged)
        place = to
        _nothing_else(to, files)
    before = _packed_before(place, files, office, trust)
    if before is not None:
        return before
    manifest = _next_manifest(office, files, actor)
    data = manifest.to_json()
    signature = sign_list(data, key, at=manifest.packed_at)
    write_list(place, data, signature)
    return Packed(manifest, list_signer(data, signature, trust), place, fresh=True)


def receive_carried(
    folder: Path,
    *,
    gate: Gate,
    spool: Path,
    actor: str,
    vault: Vault,
    limits: ReceiveLimits | None = None,
    done: Callable[[], None] = lambda: None,
) -> Arrived:
    """Prove a carried folder and take it in as one batch.

    Args:
        spool: folder of this machine for deliveries on their way in; emptied of each that was received.
        done: called after each file that was brought to the spool.

    Raises:
        PackageError: see `SENTENCES`; nothing was received. ``STICK_GONE`` and ``DISK_FULL`` keep what
            was brought so far.
        PackageRefused: the same, with a check for every file that is damaged, missing or extra.
    """
    data, signature = read_list(folder)
    signer = list_signer(data, signature, gate.trust)
    manifest = read_manifest(data)
    known = Event.objects.filter(verb=RECEIVED, subject=_subject(manifest))
    if known.exists():
        return Arrived(manifest, signer, repeated=True)
    _may_sign(signer, manifest, gate)
    older = _is_older(manifest)
    if older and not gate.accept_older:
        raise PackageError("OLDER_COUNTER", f"{manifest.office} counter {manifest.counter}")
    own = spool / manifest.identifier
    with _alone(spool, manifest):
        faults = differences(folder, manifest)
        faults = faults or fetch(folder, manifest.files, own, done)
        if faults:
            raise PackageRefused(faults[0].code, f"{len(faults)} files", faults)
        if known.exists():
            return Arrived(manifest, signer, repeated=True)
        arrived = _take(manifest, signer, own, older, actor, vault, limits)
        shutil.rmtree(own)
    return arrived


def _take(
    manifest: CarryManifest,
    signer: ListSigner,
    own: Path,
    older: bool,
    actor: str,
    vault: Vault,
    limits: ReceiveLimits | None,
) -> Arrived:
    office, _ = Office.objects.get_or_create(code=manifest.office, defaults={"name": manifest.office_name})
    name = f"{PURPOSE}: {manifest.office} lần {manifest.counter}"
    receipts: list[Receipt] = []
    passed_over = 0
    with open_reception(office, actor=actor, vault=vault, name=name, limits=limits) as door:
        for file in manifest.files:
            if PurePosixPath(file.path).suffix.lower() in COMPANIONS:
                passed_over += 1
            else:
                receipts += door.take(own / file.path, file.path)
    passed_over += door.passed_over
    codes = dict(Counter(r.code for r in receipts))
    with transaction.atomic():
        record_event(
            RECEIVED,
            actor=actor,
            office=manifest.office,
            purpose=PURPOSE,
            subject=_subject(manifest),
            data={
                "counter": manifest.counter,
                "signer": signer.fingerprint,
                "files": len(manifest.files),
                "batch": str(door.batch.pk),
                "codes": codes,
                "older": older,
            },
        )
    return Arrived(manifest, signer, False, older, str(door.batch.pk), codes, passed_over)


def _may_sign(signer: ListSigner, manifest: CarryManifest, gate: Gate) -> None:
    """The certificate has to be trusted, and the one that this office is known by."""
    if not signer.trusted:
        raise PackageError("SIGNER_NOT_TRUSTED", signer.name)
    given = gate.signer.replace(":", "").replace(" ", "").lower()
    if given:
        if given != signer.fingerprint:
            raise PackageError("SIGNER_DIFFERS", f"signed by {signer.fingerprint}")
        return
    last = Event.objects.filter(verb=RECEIVED, office=manifest.office).order_by("-id").first()
    if last is None:
        raise PackageError("SIGNER_UNKNOWN", f"{signer.name}: {signer.fingerprint}")
    if last.data["signer"] != signer.fingerprint:
        raise PackageError("SIGNER_DIFFERS", f"{signer.name}: {signer.fingerprint}")


def _is_older(manifest: CarryManifest) -> bool:
    return Event.objects.filter(
        verb=RECEIVED, office=manifest.office, data__counter__gte=manifest.counter
    ).exists()


def _packed_before(
    place: Path, files: tuple[CarriedFile, ...], office: Office, trust: Sequence[x509.Certificate]
) -> Packed | None:
    try:
        data, signature = read_list(place)
    except PackageError as error:
        if error.code in ("MANIFEST_MISSING", "SIGNATURE_MISSING"):
            return None
        raise
    signer = list_signer(data, signature, trust)
    manifest = read_manifest(data)
    if manifest.files != files or manifest.office != office.code:
        raise PackageError("PACKED_BEFORE", str(place))
    return Packed(manifest, signer, place, fresh=False)


def _nothing_else(place: Path, files: tuple[CarriedFile, ...]) -> None:
    told = {f.path for f in files}
    extra = [name for name, _ in carried_files(place) if name not in told]
    if extra:
        raise PackageError("FILE_NOT_LISTED", ", ".join(extra[:3]))


def _next_manifest(office: Office, files: tuple[CarriedFile, ...], actor: str) -> CarryManifest:
    """The office's next list; its number is used up even if the stick is pulled before it is written."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_COUNTER_LOCK])
        last = Event.objects.filter(verb=PACKED, office=office.code).order_by("-id").first()
        now = datetime.now(UTC).replace(microsecond=0)
        counter = int(last.data["counter"]) + 1 if last else 1
        manifest = CarryManifest(str(uuid.uuid4()), office.code, office.name, counter, now, actor, files)
        record_event(
            PACKED,
            actor=actor,
            office=office.code,
            purpose=PURPOSE,
            subject=_subject(manifest),
            data={"counter": counter, "files": len(files), "bytes": sum(f.size for f in files)},
        )
    return manifest


def _subject(manifest: CarryManifest) -> str:
    return f"carry:{manifest.identifier}"


@contextmanager
def _alone(spool: Path, manifest: CarryManifest) -> Iterator[None]:
    """One command at a time brings in a delivery."""
    spool.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = spool / f"{manifest.identifier}.lock"
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PackageError("BUSY", manifest.identifier) from error
        yield


def told_of(error: PackageError) -> list[tuple[str, str, Sequence[Check]]]:
    """A refusal by code: code, sentence, and the files it is about."""
    problems: tuple[Check, ...] = getattr(error, "problems", ())
    by_code: dict[str, list[Check]] = {}
    for check in problems:
        by_code.setdefault(check.code, []).append(check)
    return [(code, sentence(code), checks) for code, checks in by_code.items()] or [
        (error.code, sentence(error.code), ())
    ]
