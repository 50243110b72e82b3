"""Which faces of a certificate lie on a page, and which face of its form each one is."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.classify import FormMatch, best_face, classify_leaf, placements
from ocr.forms.schema import Form, FormLibrary, Layout
from ocr.layout_table import find_grid
from ocr.leaf import Leaf, halves_of

_TELLING_LETTERS = 25
"""A face on which fewer letters of known labels were read is told by what the other faces leave over."""


def certificate_faces(
    whole: Leaf, match: FormMatch | None, forms: FormLibrary
) -> list[tuple[Leaf, FormMatch]]:
    """The faces of a certificate on this region; none if it is something else.

    A half that tells nothing of itself belongs to the certificate whose other half lies beside it.
    """
    faces: list[tuple[Leaf, FormMatch]] = []
    silent: list[Leaf] = []
    for leaf in halves_of(whole, forms.furniture):
        found = match if leaf is whole else classify_leaf(leaf, forms)
        if found is None:
            silent.append(leaf)
        elif found.form.layout is Layout.CERTIFICATE:
            faces.append((leaf, found))
    if match and match.form.layout is not Layout.CERTIFICATE:
        best = max((m.score for _, m in faces), default=0.0)
        if match.titled or match.score >= best:
            return []
    if faces:
        beside = faces[0][1]
        faces += [(leaf, FormMatch(beside.form, 0.0, titled=False)) for leaf in silent if leaf.lines]
    return sorted(faces, key=lambda face: face[0].frame[0])


def assigned(leaves: Sequence[Leaf], form: Form) -> dict[str, Leaf]:
    """Each face of a form with the leaf that shows it; the surest first, silent ones take what is left."""
    weights = [{face: p.weight for face, p in placements(leaf, form)} for leaf in leaves]
    taken: dict[str, Leaf] = {}
    for weight, n, face in sorted(
        ((weight, n, face) for n, faces in enumerate(weights) for face, weight in faces.items()),
        key=lambda item: -item[0],
    ):
        if weight < _TELLING_LETTERS:
            break
        if face == max(weights[n], key=lambda f: weights[n][f]):
            taken.setdefault(face, leaves[n])
    for n, leaf in enumerate(leaves):
        if leaf in taken.values() or max(weights[n].values(), default=0.0) >= _TELLING_LETTERS:
            continue
        left = [face for face in form.faces if face not in taken]
        if form.table is not None and form.table.face in left and find_grid(leaf) is not None:
            taken[form.table.face] = leaf
        elif weights[n] and (likely := [f for f in left if weights[n].get(f)] or left):
            taken[max(likely, key=lambda f: weights[n].get(f, 0.0))] = leaf
    return taken


def opens(leaf: Leaf, match: FormMatch, form: Form) -> bool:
    """Whether the leaf, read as a face of `form`, is the one that carries the certificate's title."""
    if not match.titled:
        return False
    front = next((row.face for row in form.rows if form.titles[0] in row.heading), "")
    return best_face(leaf, form)[0] == front
