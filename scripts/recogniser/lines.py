"""Training lines: text of `text`, drawn with a typeface, worn, scanned and cut like the product's crops."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

import cv2
import numpy as np
import wear
from crops import cut_to_ink, strip
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont
from text import Writer

KINDS = (("hand", 0.65), ("type", 0.17), ("print", 0.18))
HELD_OUT = ("charm", "mynerve", "ephesis", "patrick-hand")
"""Hand typefaces kept for validation: calligraphic, ball pen, brush script, block letters."""

_JOINED = (
    "playwrite",
    "dancing",
    "great-vibes",
    "alex",
    "pinyon",
    "corinthia",
    "birthstone",
    "whisper",
    "ms-madi",
    "ephesis",
    "pacifico",
    "charmonman",
    "licorice",
    "smooch",
    "lobster",
    "twinkle",
)
_FAVOURED = {
    "playwrite": 3.0,
    "mali": 0.7,
    "shantell": 0.7,
    "playpen": 0.8,
    "lobster": 0.4,
    "amatic": 0.5,
    "pacifico": 0.5,
    "fuzzy": 0.7,
}
"""School hand counts more, display faces and families with many weights less."""


@dataclass(frozen=True)
class Sample:
    """A strip 32 pixels high (gray, uint8) and what it says."""

    picture: np.ndarray
    text: str


@lru_cache(maxsize=512)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=512)
def _letters(path: Path) -> frozenset[str]:
    with TTFont(path, lazy=True) as font:
        return frozenset(chr(c) for c in font.getBestCmap())


class Renderer:
    """Endless lines from one seed.

    Args:
        fonts: folder with hand, type and print, as `fonts` writes it.
        writer: where the text comes from.
        held_out: name beginnings of hand typefaces to leave out, or to use alone.
        only_held_out: use nothing but those.
    """

    def __init__(
        self,
        fonts: Path,
        writer: Writer,
        seed: int,
        *,
        held_out: tuple[str, ...] = HELD_OUT,
        only_held_out: bool = False,
    ) -> None:
        self._writer = writer
        self._py = Random(seed)
        self._rng = np.random.default_rng(seed)
        self._faces = {kind: sorted((fonts / kind).iterdir()) for kind, _ in KINDS}
        apart = [p for p in self._faces["hand"] if p.name.rsplit("-", 2)[0] in held_out]
        rest = [p for p in self._faces["hand"] if p not in apart]
        self._faces["hand"] = apart if only_held_out else rest
        self._kinds = [k for k, _ in KINDS]
        self._shares = [1.0, 0, 0] if only_held_out else [s for _, s in KINDS]

    def sample(self) -> Sample:
        """The next line."""
        while True:
            kind = self._py.choices(self._kinds, self._shares)[0]
            faces = self._faces[kind]
            weights = [next((w for k, w in _FAVOURED.items() if p.name.startswith(k)), 1.0) for p in faces]
            face = self._py.choices(faces, weights)[0]
            text = self._writer.line(self._py)
            if not text or not set(text) <= _letters(face) or len(text) > 90:
                continue
            picture = self._picture(kind, face, text)
            if picture is not None:
                return Sample(picture, text)

    def _picture(self, kind: str, face: Path, text: str) -> np.ndarray | None:
        rng = self._rng
        size = int(rng.integers(34, 58))
        ink = self._drawn(kind, face, text, size)
        ink = self._written(kind, ink, size)
        rows = np.flatnonzero(ink.max(1) > 0.2)
        columns = np.flatnonzero(ink.max(0) > 0.2)
        if len(rows) < 4 or len(columns) < 4:
            return None
        room = [int(v) for v in rng.integers(2, 13, 4)]
        if rng.random() < 0.15:
            room = [int(v) for v in rng.integers(-2, 5, 4)]
        top, bottom = max(0, rows[0] - room[0]), min(ink.shape[0], rows[-1] + 1 + room[1])
        left, right = (
            max(0, columns[0] - max(1, room[2])),
            min(ink.shape[1], columns[-1] + 1 + max(1, room[3])),
        )
        ink = np.ascontiguousarray(ink[top:bottom, left:right])
        gray = self._scanned(kind, self._on_paper(ink, face, size, (rows[-1] - top, rows[0] - top)))
        return self._cut(gray)

    # --- pen and machine

    def _drawn(self, kind: str, face: Path, text: str, size: int) -> np.ndarray:
        """Coverage of the text with a wide margin: whole, word by word or letter by letter."""
        rng = self._rng
        font = _font(face, size)
        margin = size
        width = int(font.getlength(text) * 1.5 + 8 * size + 2 * margin)
        canvas = Image.new("L", (width, 3 * size + 8))
        draw = ImageDraw.Draw(canvas)
        base = 2 * size
        joined = face.name.startswith(_JOINED)
        roll = rng.random()
        if kind == "type":
            end = self._typed(canvas, font, text, margin, base, size)
        elif kind == "print" or roll < 0.3:
            draw.text((margin, base), text, font=font, fill=255, anchor="ls")
            end = margin + font.getlength(text)
        elif roll < 0.6 or joined:
            end = self._by_words(draw, face, text, margin, base, size)
        else:
            end = self._by_letters(canvas, face, text, margin, base, size)
        ink = np.asarray(canvas, np.float32)[:, : int(end + margin)] / 255
        return np.ascontiguousarray(ink)

    def _by_words(
        self, draw: ImageDraw.ImageDraw, face: Path, text: str, x: float, base: int, size: int
    ) -> float:
        rng = self._rng
        gap = size * rng.uniform(0.12, 0.6)
        spread = rng.uniform(0, 0.08)
        for word in text.split(" "):
            font = _font(face, max(12, round(size * (1 + rng.normal(0, spread)))))
            draw.text((x, base + rng.normal(0, spread * size)), word, font=font, fill=255, anchor="ls")
            x += font.getlength(word) + gap * rng.uniform(0.7, 1.5)
        return x

    def _by_letters(
        self, canvas: Image.Image, face: Path, text: str, x: float, base: int, size: int
    ) -> float:
        """Each letter with its own size, height, turn and distance."""
        rng = self._rng
        spread = rng.uniform(0.01, 0.07)
        tight = rng.uniform(-0.06, 0.12) * size
        turn = rng.uniform(0, 5)
        gap = rng.uniform(0.7, 2.0)
        for letter in text:
            font = _font(face, max(12, round(size * (1 + rng.normal(0, spread)))))
            advance = font.getlength(letter)
            if letter == " ":
                x += advance * gap
                continue
            tile = Image.new("L", (int(advance + size), 2 * size + size // 2))
            ImageDraw.Draw(tile).text((size // 2, 3 * size // 2), letter, font=font, fill=255, anchor="ls")
            if turn > 1:
                tile = tile.rotate(rng.normal(0, turn), Image.Resampling.BILINEAR)
            at = round(x - size // 2), round(base - 3 * size // 2 + rng.normal(0, spread * size))
            canvas.paste(255, at, tile)
            x += advance + tight + rng.normal(0, spread * size * 0.5)
        return x

    def _typed(
        self, canvas: Image.Image, font: ImageFont.FreeTypeFont, text: str, x: float, base: int, size: int
    ) -> float:
        """Fixed pitch; letters stand a little high or low, strike hard or faint."""
        rng = self._rng
        pitch = font.getlength("n") * rng.uniform(0.94, 1.12)
        uneven, faint = rng.uniform(0, 0.04) * size, rng.uniform(0, 0.5)
        habits = {letter: rng.normal(0, uneven) for letter in set(text)}
        for letter in text:
            if letter != " ":
                tile = Image.new("L", (2 * size, 2 * size + size // 2))
                level = int(255 * (1 - faint * rng.random()))
                drawing = ImageDraw.Draw(tile)
                drawing.text((size // 2, 3 * size // 2), letter, font=font, fill=level, anchor="ls")
                at = (
                    round(x - size // 2),
                    round(base - 3 * size // 2 + habits[letter] + rng.normal(0, uneven / 3)),
                )
                canvas.paste(255, at, tile)
            x += pitch
        return x

    def _written(self, kind: str, ink: np.ndarray, size: int) -> np.ndarray:
        """The strokes as the hand or the machine left them."""
        rng = self._rng
        if kind == "hand":
            wild = rng.uniform(0.2, 1.0)
            ink = wear.bend(
                rng,
                ink,
                size,
                slant=rng.normal(0, 0.16),
                warp=0.05 * wild * rng.random(),
                drift=0.14 * wild * rng.random(),
                turn=rng.normal(0, 0.012),
            )
            stretch = rng.uniform(0.72, 1.2)
        else:
            ink = wear.bend(
                rng,
                ink,
                size,
                slant=rng.normal(0, 0.02),
                warp=rng.choice([0, 0.012]),
                drift=rng.choice([0, 0.03]),
                turn=rng.normal(0, 0.004),
            )
            stretch = rng.uniform(0.85, 1.12)
        ink = cv2.resize(
            ink, (max(8, int(ink.shape[1] * stretch)), ink.shape[0]), interpolation=cv2.INTER_AREA
        )
        ink = wear.thicken(rng, ink, rng.normal(0.3, 1.0) * size / 45)
        if rng.random() < 0.6:
            ink = wear.press(rng, ink, rng.uniform(0.03, 0.3))
        if rng.random() < 0.12:
            ink = wear.break_strokes(rng, ink, rng.uniform(0, 0.22))
        return ink

    # --- paper and scanner

    def _on_paper(self, ink: np.ndarray, face: Path, size: int, lines: tuple[int, int]) -> np.ndarray:
        """Gray levels of the line on its sheet with all that lies around it."""
        rng = self._rng
        height, width = ink.shape
        extra = np.zeros_like(ink)
        if rng.random() < 0.5:
            y = lines[0] + rng.uniform(-0.4, 0.12) * size
            wear.rule(
                rng, extra, y, int(rng.integers(1, 4)), dotted=rng.random() < 0.8, level=rng.uniform(0.3, 1)
            )
        if rng.random() < 0.18:
            self._neighbour(extra, face, size)
        if rng.random() < 0.1:
            extra = np.maximum(extra, wear.seal(rng, ink.shape))
        if rng.random() < 0.04:
            at = int(rng.integers(0, max(1, width)))
            side = -1 if at > width / 2 else 1
            span = (0, at // 8) if side > 0 else (width - (width - at) // 8, width)
            wear.strike(rng, extra, *span, height // 2, size)
        if rng.random() < 0.2:
            wear.speckle(rng, extra, int(rng.integers(1, 10)))
        dark = rng.beta(1.2, 3)
        sheet = wear.paper(rng, ink.shape, dark=dark)
        if rng.random() < 0.12:
            behind = cv2.GaussianBlur(ink[::-1, ::-1], (0, 0), rng.uniform(1, 3))
            sheet -= behind * rng.uniform(8, 45)
        faint = rng.random() < 0.28
        level = sheet.mean() - rng.uniform(28, 80) if faint else rng.uniform(0, 110)
        sheet = sheet * (1 - extra) + extra * np.clip(level + rng.uniform(-30, 60), 0, 235)
        return sheet * (1 - ink) + ink * np.clip(level, 0, 235)

    def _neighbour(self, extra: np.ndarray, face: Path, size: int) -> None:
        """Slivers of the line above or below at the edge of the picture."""
        rng = self._rng
        canvas = Image.new("L", (extra.shape[1], 2 * size))
        drawing = ImageDraw.Draw(canvas)
        text = self._writer.line(self._py)[:60]
        drawing.text(
            (int(rng.integers(-size, size)), 3 * size // 2),
            text,
            font=_font(face, size),
            fill=255,
            anchor="ls",
        )
        strokes = np.asarray(canvas, np.float32) / 255
        tall = min(int(rng.uniform(0.05, 0.22) * extra.shape[0]) + 1, extra.shape[0])
        if rng.random() < 0.5:
            shown = strokes[3 * size // 2 - tall + size // 5 :][:tall]
            extra[: len(shown)] = np.maximum(extra[: len(shown)], shown)
        else:
            shown = strokes[size // 2 :][:tall]
            extra[-len(shown) :] = np.maximum(extra[-len(shown) :], shown)

    def _scanned(self, kind: str, gray: np.ndarray) -> np.ndarray:
        """Through the scanner: resolution, blur, noise, compression."""
        rng = self._rng
        if rng.random() < 0.35:
            gray = wear.shrink(rng, gray, rng.uniform(17, 30))
        else:
            gray = wear.shrink(rng, gray, rng.uniform(28, 64))
        if rng.random() < 0.45:
            gray = cv2.GaussianBlur(gray, (0, 0), rng.uniform(0.3, 1.1) * max(0.5, gray.shape[0] / 48))
        if rng.random() < 0.6:
            gray = gray + rng.normal(0, rng.uniform(0.5, 6), gray.shape)
        small = np.clip(gray, 0, 255).astype(np.uint8)
        if rng.random() < 0.7:
            small = wear.jpeg(small, int(rng.integers(25, 92)))
        return small

    # --- what the product hands to the reader

    def _cut(self, gray: np.ndarray) -> np.ndarray | None:
        rng = self._rng
        roll = rng.random()
        if roll < 0.62:
            picture = cut_to_ink(gray)
        elif roll < 0.87:
            picture = self._blanked(gray)
        else:
            picture = gray if rng.random() < 0.5 else cv2.normalize(gray, None, 0, 255, cv2.NORM_MINMAX)
            if rng.random() < 0.5:
                picture = cut_to_ink(picture)
        if min(picture.shape) < 5:
            return None
        if rng.random() < 0.12:
            side = [int(v) for v in rng.integers(0, max(2, picture.shape[0] // 6), 4)]
            picture = cv2.copyMakeBorder(picture, *side, cv2.BORDER_CONSTANT, value=(255,))
        return strip(picture, pad=int(rng.choice([0, 2, 2, 2, 2, 4, 6])))

    def _blanked(self, gray: np.ndarray) -> np.ndarray:
        """White outside the dilated strokes, as the cropper of the product leaves a line."""
        rng = self._rng
        if gray.shape[0] < 40:
            gray = cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        block = max(15, (gray.shape[0] // 2) | 1)
        soft = cv2.GaussianBlur(gray, (3, 3), 0)
        strokes = cv2.adaptiveThreshold(
            soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, float(rng.uniform(4, 11))
        )
        out = gray.copy()
        out[cv2.dilate(strokes, np.ones((3, 3), np.uint8)) == 0] = 255
        ys, xs = np.nonzero(strokes)
        if len(xs) > 30:
            room = int(rng.integers(0, 6))
            low, high = np.percentile(ys, [0.5, 99.5])
            out = out[
                max(0, int(low) - room) : int(high) + 1 + room, max(0, xs.min() - room) : xs.max() + 1 + room
            ]
        if rng.random() < 0.6:
            dark = np.percentile(out, 2)
            out = np.clip((out - dark) * 255.0 / max(1.0, 250 - dark), 0, 255).astype(np.uint8)
        return out
