"""Write a trained line reader as int8 ONNX with its description beside it.

python export.py --base asternet.onnx --vocab vocab.json [--weights tuned.pt] --version 1 --out DIR
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import onnx
import torch
from model import HEIGHT, LineReader, alphabet, from_base
from onnxruntime.quantization import QuantType, quantize_dynamic

_NAME = "line_reader"
_LICENCE = "MIT (base weights); typefaces of the training lines OFL-1.1 and other free licences"
_ORIGIN = "AsterOCR 1.0.2 (PyPI, MIT) asternet.onnx"


def base_alphabet(vocab: Path) -> list[str]:
    """Alphabet of the published model, extended; index 0 is the blank."""
    return alphabet(json.loads(vocab.read_text(encoding="utf-8"))["chars"])


def load(base: Path, chars: list[str], weights: Path | None) -> LineReader:
    """Published model, or the same with tuned weights."""
    net = from_base(base, chars)
    if weights is not None:
        net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return net.float().to(memory_format=torch.contiguous_format).eval()


def to_onnx(net: LineReader, path: Path) -> None:
    """Float ONNX with dynamic batch and width."""
    torch.onnx.export(
        net,
        (torch.ones(2, 1, HEIGHT, 200),),
        str(path),
        input_names=["strips"],
        output_names=["log_probs"],
        dynamic_axes={"strips": {0: "batch", 3: "width"}, "log_probs": {0: "frames", 1: "batch"}},
        opset_version=17,
        dynamo=False,
    )


def quantise(source: Path, target: Path) -> None:
    """Matrix products and LSTM to int8; what `narrow.py` does to convolutions needs lines to look at."""
    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul", "Gemm", "LSTM"],
        weight_type=QuantType.QInt8,
        per_channel=False,
    )


def write(net: LineReader, chars: list[str], version: str, out: Path, origin: str) -> Path:
    """Replace `line_reader.onnx` and its description in the folder, each in one step."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        full, small = Path(scratch) / "full.onnx", Path(scratch) / "small.onnx"
        to_onnx(net, full)
        quantise(full, small)
        onnx.checker.check_model(str(small))
        note = Path(scratch) / "note.json"
        about = {
            "name": _NAME,
            "version": version,
            "alphabet": ["", *chars[1:]],
            "height": HEIGHT,
            "channels": 1,
            "frames_per_pixel": 0.25,
            "max_width": 2048,
            "layout": "TBC",
            "input": "strips: float32 [batch, 1, 32, width] gray scaled to (-1, 1), paper 1",
            "output": "log_probs: float32 [frames, batch, classes], log-softmax, CTC blank 0",
            "licence": _LICENCE,
            "origin": origin,
        }
        note.write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        small.replace(out / f"{_NAME}.onnx")
        note.replace(out / f"{_NAME}.json")
    return out / f"{_NAME}.onnx"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--vocab", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    chars = base_alphabet(args.vocab)
    origin = _ORIGIN if args.weights is None else f"{_ORIGIN}, fine-tuned with scripts/recogniser"
    path = write(load(args.base, chars, args.weights), chars, args.version, args.out, origin)
    print(path, round(path.stat().st_size / 1e6, 2), "MB")


if __name__ == "__main__":
    main()
