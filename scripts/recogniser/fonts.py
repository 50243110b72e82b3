"""Typefaces for training lines: found in folders, subsets merged, coverage checked.

    python fonts.py --npm node_modules --debian unpacked-packages --out FONTS

`npm` holds @fontsource packages, `debian` the unpacked font packages named in README.
Writes whole TTF/OTF files into FONTS/hand, FONTS/type and FONTS/print.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
import unicodedata
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont

_VOWELS = "aăâeêioôơuưy"
_TONES = ["", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"]
REQUIRED = {unicodedata.normalize("NFC", v + t) for v in _VOWELS for t in _TONES} | set(
    "đ0123456789/-.,:;()'"
)
REQUIRED |= {c.upper() for c in REQUIRED} | set("bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ ")
_SUBSETS = ("latin", "latin-ext", "vietnamese")
_WEIGHT = re.compile(r"-(\d00)-(normal|italic)\.woff2?$")
_TYPE = (
    r"^(FreeMono(Bold)?|texgyrecursor-(regular|bold)|Cousine-(Regular|Bold)|"
    r"LiberationMono-(Regular|Bold)|DejaVuSansMono|cmuntt|cmuntb|cmunvt|"
    r"lmmono10-regular|lmmonolt10-(regular|bold)|lmmono12-regular)$"
)
_PRINT = (
    r"^(Tinos-.*|texgyretermes-.*|texgyreheros-(regular|bold)|texgyreschola-(regular|bold)|FreeSerif.*|"
    r"FreeSans(Bold)?|Arimo-(Regular|Bold|Italic)|LiberationSans-(Regular|Bold)|LiberationSerif-.*|"
    r"NotoSerif-(Regular|Bold|Italic)|NotoSans-(Regular|Bold|Italic)|DejaVuSerif(-Bold)?|DejaVuSans|"
    r"DejaVuSansCondensed|LinLibertine_R|LinBiolinum_R|CharisSIL-(Regular|Bold|Italic)|"
    r"GentiumPlus-(Regular|Italic)|cmunrm|cmunbx|cmunss|lmroman10-regular)$"
)


def covers(path: Path) -> bool:
    """Whether every Vietnamese letter and sign of the books is in the file."""
    with TTFont(path, lazy=True) as font:
        return {ord(c) for c in REQUIRED} <= set(font.getBestCmap())


def merge(package: Path, weight: str, style: str, out: Path) -> bool:
    """Join the subsets of one @fontsource weight into a TTF; False where letters are missing."""
    parts = [package / "files" / f"{package.name}-{s}-{weight}-{style}.woff2" for s in _SUBSETS]
    parts = [p for p in parts if p.exists()]
    with tempfile.TemporaryDirectory() as scratch:
        plain = []
        for number, part in enumerate(parts):
            font = TTFont(part)
            for table in (
                "GSUB",
                "GPOS",
                "GDEF",
                "kern",
                "MATH",
                "STAT",
                "fvar",
                "gvar",
                "avar",
                "HVAR",
                "MVAR",
            ):
                if table in font:
                    del font[table]
            font.flavor = None
            target = Path(scratch) / f"{number}.ttf"
            font.save(target)
            plain.append(str(target))
        merged = Merger().merge(plain)
        merged.save(out)
    if not covers(out):
        out.unlink()
        return False
    return True


def hand_fonts(npm: Path, out: Path) -> list[str]:
    """Merged handwriting typefaces: at most two upright weights and one italic of each family."""
    done = []
    for package in sorted((npm / "@fontsource").iterdir()):
        found = sorted({m.groups() for f in (package / "files").iterdir() if (m := _WEIGHT.search(f.name))})
        upright = [w for w, s in found if s == "normal" and w <= "700"]
        picked = [(w, "normal") for w in dict.fromkeys([*upright[:1], *(w for w in upright if w == "500")])]
        if "400" in upright:
            picked.append(("400", "normal"))
        picked += [(w, s) for w, s in found if s == "italic" and w == "400"]
        for weight, style in dict.fromkeys(picked):
            target = out / f"{package.name}-{weight}-{style}.ttf"
            try:
                if merge(package, weight, style, target):
                    done.append(target.name)
            except (AssertionError, KeyError, ValueError, AttributeError) as error:
                print(package.name, weight, style, "left out:", repr(error)[:80])
    return done


def machine_fonts(debian: Path, pattern: str, out: Path) -> list[str]:
    """Files whose name matches and that hold every letter."""
    done = []
    for path in sorted(p for p in debian.rglob("*") if p.suffix in (".ttf", ".otf")):
        if re.match(pattern, path.stem) and path.name not in done and covers(path):
            shutil.copyfile(path, out / path.name)
            done.append(path.name)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--debian", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    for kind in ("hand", "type", "print"):
        (args.out / kind).mkdir(parents=True, exist_ok=True)
    print("type", *machine_fonts(args.debian, _TYPE, args.out / "type"))
    print("print", *machine_fonts(args.debian, _PRINT, args.out / "print"))
    print("hand", *hand_fonts(args.npm, args.out / "hand"))


if __name__ == "__main__":
    main()
