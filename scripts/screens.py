"""Take pictures of the desk; see ``screens``."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from desk_browser import SCREENS, instance, running_instance, signed_in
from PIL import Image

ROLES = ("registrar", "auditor", "administrator")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("data/screens"))
    parser.add_argument("--running", action="store_true", help="of the instance that runs, as it stands")
    parser.add_argument("--only", default="", help="screens whose name begins so")
    parser.add_argument("--width", type=int, default=1366, help="of the pictures, in pixels")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    home = running_instance() if given.running else instance(Path("samples"))
    with home as url, signed_in(url, "hanh.tran", "Trần Thị Hạnh", ROLES) as desk:
        for screen in SCREENS:
            if not screen.name.startswith(given.only):
                continue
            if not screen.open(desk.page, url):
                print(f"{screen.name}: nothing to show")
                continue
            picture = Image.open(io.BytesIO(desk.page.screenshot())).convert("RGB")
            picture.thumbnail((given.width, given.width))
            path = given.folder / f"{screen.name}.webp"
            picture.save(path, "WEBP", quality=60, method=6)
            print(f"{path} {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
