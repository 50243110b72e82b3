"""Hand-over: packages per book or office, refused with every reason, kept where they can be fetched again."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from pipeline.equipment import equipment
from pipeline.events import record_event
from pipeline.handover import archive, data, land, ministry
from pipeline.handover.keeping import kept_file
from pipeline.handover.refusals import problems_of, sentence
from pipeline.intake import scan_limits
from pipeline.models import Event
from pipeline.people.access import Act, offices_for, records_for
from pipeline.shelves import shelves
from storage.errors import PackageError, StorageError
from storage.packages.data import DataFormat
from storage.packages.data_model import Profile
from storage.packages.problems import PackageRefused
from web.permits import needs

_KINDS = {
    ministry.KIND: "Gói nhập của Bộ Tư pháp",
    archive.KIND: "Gói lưu trữ số",
    land.KIND: "Phiếu PL3",
    data.KIND: "Dữ liệu",
}
_SHOWN = 30


@require_safe
@needs(Act.HAND_OVER)
def packages(request: HttpRequest) -> HttpResponse:
    """Books with what can be made of them, and packages made before."""
    return _page(request)


@needs(Act.HAND_OVER)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make one package: the whole of it, or nothing and the list of reasons."""
    office = get_object_or_404(
        offices_for(request.user, Act.HAND_OVER), code=request.POST.get("don_vi", "")
    ).code
    kind = request.POST.get("goi", "")
    if kind not in _KINDS:
        raise BadRequest("Không có loại gói này.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            _make(request, kind, office, folder)
        except PackageError as error:
            refused = (
                error if isinstance(error, PackageRefused) else PackageRefused(error.code, error.message)
            )
            told = {"sentence": sentence(refused.code), "problems": problems_of(refused)}
            return _page(request, refused=told, status=422)
        except StorageError:
            told = {"sentence": "Kho lưu trữ không trả lời; hãy thử lại sau ít phút.", "problems": ()}
            return _page(request, refused=told, status=503)
        if kind in (ministry.KIND, archive.KIND):
            return redirect("packages")
        return _zipped(folder, f"{kind}-{office}.zip")


@require_safe
@needs(Act.HAND_OVER)
def fetch(request: HttpRequest, event: int, name: str) -> HttpResponse:
    """A file of a package that was made before, from the store."""
    offices = offices_for(request.user, Act.HAND_OVER).values_list("code", flat=True)
    made = get_object_or_404(Event, pk=event, verb="package.exported", office__in=list(offices))
    files = made.data["files"]
    if not isinstance(files, dict) or name not in files:
        raise Http404
    stream = kept_file(equipment().vault, made.office, made.data["package"], made.at, name, files[name])
    if stream is None:
        raise Http404("Không thấy tệp này trong kho.")
    record_event(
        "package.downloaded",
        actor=request.user.username,
        office=made.office,
        purpose=made.purpose,
        data={"package": made.data["package"], "sha256": files[name]},
    )
    return FileResponse(stream, as_attachment=True, filename=name)


def _make(request: HttpRequest, kind: str, office: str, folder: Path) -> None:
    given = {key: value.strip() for key, value in request.POST.items()}
    actor, tools = request.user.username, equipment()
    match kind:
        case ministry.KIND:
            pack = ministry.Order(office, given.get("ten", ""), given.get("noi", ""), actor=actor)
            ministry.export_book(
                pack,
                folder,
                ministry.MinistryTools(tools.vault, tools.registers, scan_limits(tools.settings)),
            )
        case archive.KIND:
            dossier = archive.Order(
                office, given.get("phong", ""), "", given.get("ma_giay", ""), actor, given.get("quyen", "")
            )
            archive.export_archive(dossier, folder, tools.vault)
        case land.KIND:
            land.export_land(office, folder, tools.vault, actor=actor)
        case _:
            try:
                profile, form = Profile(given.get("muc", "")), DataFormat(given.get("dang", ""))
            except ValueError as error:
                raise BadRequest("Không có mức che hoặc dạng tệp này.") from error
            purpose = given.get("muc_dich", "")
            if not purpose:
                raise BadRequest("Hãy ghi lý do lấy dữ liệu.")
            order = data.Order(office, profile, form, purpose[:300], actor, book=given.get("quyen", ""))
            data.export_data(order, folder / "du-lieu")


def _zipped(folder: Path, name: str) -> HttpResponse:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archived:
        for file in files:
            archived.write(file, file.relative_to(folder))
    # the open file outlives its folder
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


def _page(request: HttpRequest, *, refused: object = None, status: int = 200) -> HttpResponse:
    offices = offices_for(request.user, Act.HAND_OVER)
    events = Event.objects.filter(
        verb="package.exported", office__in=list(offices.values_list("code", flat=True))
    ).order_by("-id")[:_SHOWN]
    context = {
        "shelves": shelves(records_for(request.user, Act.HAND_OVER)),
        "offices": offices,
        "made": [(e, _KINDS.get(e.data["package"], ""), e.data["files"]) for e in events],
        "profiles": [(p.value, p.rule) for p in Profile],
        "formats": [f.value for f in DataFormat],
        "refused": refused,
        "given": request.POST,
    }
    return render(request, "handover/packages.html", context, status=status)
