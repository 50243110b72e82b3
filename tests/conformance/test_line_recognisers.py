"""The neural line recognisers, with the weights that ship."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.delivery import Raster
from ocr.engines.ctc import LineRecogniser
from ocr.engines.line_net import WEIGHTS, LineNet, PaddleLine, line_net, paddle_line
from ocr.errors import EngineError
from ocr.line_picture import line_picture

SERIF = Path(__file__).parents[2] / "storage" / "fonts" / "Tinos-Latin.ttf"
MOST_BYTES = 20_000_000


def written(text: str, *, size: int = 40, ink: int = 20) -> Raster:
    font = ImageFont.truetype(str(SERIF), size)
    width = round(font.getlength(text)) + 40
    image = Image.new("L", (width, 2 * size), 235)
    ImageDraw.Draw(image).text((20, size // 3), text, font=font, fill=ink)
    return np.asarray(image, np.uint8)


def read(recogniser: LineRecogniser, picture: Raster) -> str:
    prepared = line_picture(picture, picture, 0, 0)
    shown = prepared.paper if recogniser.name == "pp-ocrv6" else prepared.ink
    return recogniser.recognise([shown])[0].greedy()[0].strip()


@pytest.mark.parametrize(
    "text",
    ["Nguyễn Thị Hường", "làng Đê Kjiêng, xã Ia Boòng", "27/04/2008", "Bệnh viện đa khoa huyện Chư Sê"],
)
def test_clear_vietnamese_print_is_read_letter_by_letter(text: str):
    assert read(line_net(), written(text)) == text


def test_pale_ink_is_read_like_dark_ink():
    assert read(line_net(), written("Trần Văn Bình", ink=190)) == "Trần Văn Bình"


@pytest.mark.parametrize("text", ["230316231", "01/2008", "15/12/1994"])
def test_digits_are_read_by_both(text: str):
    assert read(paddle_line(), written(text)) == text
    assert read(line_net(), written(text)) == text


@pytest.mark.parametrize("recogniser", [line_net, paddle_line])
def test_scores_are_probabilities_and_steps_lie_on_the_picture(recogniser):
    picture = written("xã Ia Tô")
    (frames,) = recogniser().recognise([picture])
    total = np.exp(frames.scores.astype(np.float64)).sum(axis=1)
    assert np.all(total < 1.1)
    assert frames.origin + len(frames.scores) * frames.step >= 0.9 * picture.shape[1]
    assert frames.index[frames.alphabet[1]] == 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (200, 4), (40, 6000)])
def test_odd_pictures_do_no_harm(shape: tuple[int, int]):
    blank = np.full(shape, 255, np.uint8)
    for recogniser in (line_net(), paddle_line()):
        (frames,) = recogniser.recognise([blank])
        assert len(frames.scores) >= 1


def test_a_batch_gives_the_same_as_its_lines_one_by_one():
    pictures = [written("Kinh"), written("xã Chư Gu, huyện Krông Pa")]
    together = [f.greedy()[0] for f in line_net().recognise(pictures)]
    assert together == [line_net().recognise([p])[0].greedy()[0] for p in pictures]


def test_weights_are_small_enough_and_tell_where_they_come_from():
    assert (WEIGHTS / "line_reader.onnx").stat().st_size < MOST_BYTES
    card = json.loads((WEIGHTS / "line_reader.json").read_text("utf-8"))
    assert card["origin"]
    assert card["licence"]


def test_missing_weights_are_told(tmp_path: Path):
    with pytest.raises(EngineError, match="description"):
        LineNet(tmp_path / "line_reader.onnx")
    shutil.copy(WEIGHTS / "line_reader.json", tmp_path / "line_reader.json")
    (tmp_path / "line_reader.onnx").write_bytes(b"no model")
    with pytest.raises(EngineError, match="cannot load"):
        LineNet(tmp_path / "line_reader.onnx")


def test_one_process_loads_each_model_once():
    assert line_net() is line_net()
    assert isinstance(paddle_line(), PaddleLine)
    assert paddle_line() is paddle_line()


def test_a_line_is_cut_to_its_ink_and_knows_where_it_lay():
    page = np.full((60, 400), 230, np.uint8)
    cv2.rectangle(page, (100, 20), (300, 40), (40,), -1)
    prepared = line_picture(page, page, 1000, 500)
    assert prepared.ink.shape[1] == pytest.approx(206, abs=3)
    assert prepared.left == pytest.approx(1097, abs=3)
    assert int(prepared.ink.min()) == 0
    assert int(np.percentile(prepared.ink, 99)) == 255 or prepared.ink.max() >= 230


def test_reading_leaves_nothing_for_the_runtimes_maker_to_collect(tmp_path):
    program = "from ocr.engines.line_net import line_net, paddle_line; line_net(); paddle_line()"
    environment = {n: v for n, v in os.environ.items() if n != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", program], env=environment | {"HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.rglob("*")) == []
