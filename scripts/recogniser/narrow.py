"""Turn the convolutions of an exported line reader to int8, with the ranges that real lines show.

python narrow.py line_reader.onnx --scans DIR --out line_reader.onnx

Runs with the product installed beside `onnx`: the lines are those that the product itself cuts from the
scans. Weights keep seven bits: processors without VNNI add two products of eight bits in
sixteen and would overflow.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from ocr.engines import line_net
from pipeline.reading import read_scan

_BODY = "/backbone/"
_GATE = "/attention/"
_KINDS = {"Conv", "Sigmoid", "Mul", "Add", "GlobalAveragePool"}


class _Lines(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, name: str, lines: Sequence[np.ndarray[Any, Any]]) -> None:
        self._fed: Iterator[dict[str, Any]] = iter([{name: line} for line in lines])

    def get_next(self) -> dict[str, Any] | None:
        return next(self._fed, None)


def lines_of(scans: Sequence[Path]) -> list[np.ndarray[Any, Any]]:
    """What the line reader is given while these scans are read."""
    seen: list[np.ndarray[Any, Any]] = []
    run = line_net._run

    def watched(session: Any, batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if batch.shape[1] == 1:
            seen.append(batch)
        return run(session, batch)

    line_net._run = watched
    for scan in scans:
        read_scan(scan, name=scan.name)
    line_net._run = run
    return seen


def pooled(model: onnx.ModelProto) -> None:
    """Means over a whole map as pooling, which has an int8 kernel; the mean itself has none."""
    nodes = []
    for node in model.graph.node:
        if node.op_type == "ReduceMean" and _GATE in node.name:
            pool = f"{node.output[0]}_pool"
            nodes.append(
                helper.make_node("GlobalAveragePool", [node.input[0]], [pool], name=f"{node.name}_pool")
            )
            nodes.append(
                helper.make_node("Flatten", [pool], [node.output[0]], name=f"{node.name}_flat", axis=1)
            )
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def narrowed(model: onnx.ModelProto) -> list[str]:
    """Names of the nodes that work on whole maps; the small gates between them stay float."""
    return [
        node.name
        for node in model.graph.node
        if node.op_type in _KINDS
        and _BODY in node.name
        and (_GATE not in node.name or node.op_type == "GlobalAveragePool" or node.name.endswith("/Mul_1"))
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--scans", type=Path, required=True, help="folder whose pictures show all inks")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model = onnx.load(args.model)
    pooled(model)
    lines = lines_of(sorted(p for p in args.scans.rglob("*") if p.suffix in {".jpg", ".png", ".tif", ".pdf"}))
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "pooled.onnx", Path(scratch) / "narrow.onnx"
        onnx.save(model, source)
        quantize_static(
            source,
            target,
            _Lines(model.graph.input[0].name, lines),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_quantize=narrowed(model),
        )
        args.out.write_bytes(target.read_bytes())
    print(args.out, round(args.out.stat().st_size / 1e6, 2), "MB, ranges from", len(lines), "lines")


if __name__ == "__main__":
    main()
