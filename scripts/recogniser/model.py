"""The line recogniser: a gray strip 32 pixels high to CTC log-probabilities.

The architecture is that of AsterOCR 1.0.2 (MIT): a depthwise-separable residual backbone
with channel attention that keeps a quarter of the width, a two-layer bidirectional LSTM, a
two-layer transformer over its output and a gate that blends both. Batch normalisation is
folded into the convolutions, as in the published weights, so small batches train as well
as large ones. The three equal colour channels of the original are summed into one.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

HEIGHT = 32
FRAMES = 512
"""Longest line in frames of four pixels: a strip of 64:1."""

_WIDTH = 512
_EXTRA = "²ĭĬŏŎŭŬčČƀɃñÑ–•…½"
"""Letters of Jrai, Bahnar and Ede names and signs of the books that the base alphabet lacks."""


class ChannelAttention(nn.Module):
    """Squeeze-and-excitation over the whole strip."""

    def __init__(self, channels: int, mid: int = 16) -> None:
        super().__init__()
        self.down = nn.Linear(channels, mid, bias=False)
        self.up = nn.Linear(mid, channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Scale every channel by what the whole strip shows."""
        weight = torch.sigmoid(self.up(functional.silu(self.down(x.mean((2, 3))))))
        return x * weight[:, :, None, None]


class LocalBlock(nn.Module):
    """Residual block: widen, depthwise 3x3, channel attention, mix."""

    def __init__(self, cin: int, cout: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.shortcut = nn.Conv2d(cin, cout, 1, stride) if stride != (1, 1) or cin != cout else None
        self.widen = nn.Conv2d(cin, cout, 1)
        self.depthwise = nn.Conv2d(cout, cout, 3, stride, 1, groups=cout)
        self.attention = ChannelAttention(cout)
        self.mix = nn.Conv2d(cout, cout, 1)

    def forward(self, x: Tensor) -> Tensor:
        """One block."""
        out = functional.silu(self.depthwise(functional.silu(self.widen(x))))
        out = self.mix(self.attention(out))
        return functional.silu(out + (x if self.shortcut is None else self.shortcut(x)))


class Backbone(nn.Module):
    """Strip [B, 1, 32, W] to features [T, B, 512] with T = W / 4."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 64, 3, padding=1)
        self.edges = nn.Conv2d(1, 64, 3, padding=1)
        self.blocks = nn.Sequential(
            LocalBlock(64, 64),
            LocalBlock(64, 128, (2, 1)),
            LocalBlock(128, 128),
            LocalBlock(128, 256, (2, 2)),
            LocalBlock(256, 256),
            LocalBlock(256, 512, (2, 2)),
            LocalBlock(512, 512),
        )
        self.squash = nn.Conv2d(512, _WIDTH, (4, 1), (4, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Features of every fourth column."""
        x = functional.silu(self.stem(x)) + self.edges(x)
        x = functional.silu(self.squash(self.blocks(x)))
        return x.squeeze(2).permute(2, 0, 1)


class Layer(nn.Module):
    """Pre-norm transformer layer with four heads, time first."""

    heads = 4

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(_WIDTH)
        self.qkv = nn.Linear(_WIDTH, 3 * _WIDTH)
        self.out = nn.Linear(_WIDTH, _WIDTH)
        self.norm2 = nn.LayerNorm(_WIDTH)
        self.up = nn.Linear(_WIDTH, 2 * _WIDTH)
        self.down = nn.Linear(2 * _WIDTH, _WIDTH)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Attend and transform."""
        frames, batch, _ = x.shape
        split = self.qkv(self.norm1(x)).view(frames, batch, 3, self.heads, _WIDTH // self.heads)
        q, k, v = split.permute(2, 1, 3, 0, 4).unbind(0)
        scores = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(_WIDTH // self.heads), -1)
        mixed = (scores @ v).permute(2, 0, 1, 3).reshape(frames, batch, _WIDTH)
        x = x + self.dropout(self.out(mixed))
        return x + self.dropout(self.down(functional.gelu(self.up(self.norm2(x)))))


def positions() -> Tensor:
    """The sinusoidal table [512, 1, 512].

    The published table holds the same values rounded to half precision, the only difference between both
    models: probabilities on real strips agree to 0.004, and to 1e-4 where the table is the same.
    """
    step = torch.arange(FRAMES, dtype=torch.float32).unsqueeze(1)
    rate = torch.exp(torch.arange(0, _WIDTH, 2).float() * (-math.log(10000.0) / _WIDTH))
    table = torch.zeros(FRAMES, _WIDTH)
    table[:, 0::2] = torch.sin(step * rate)
    table[:, 1::2] = torch.cos(step * rate)
    return table.unsqueeze(1)


class LineReader(nn.Module):
    """Strips [B, 1, 32, W] in (-1, 1), paper 1, to log-probabilities [W / 4, B, classes]; blank is 0."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.lstm = nn.LSTM(_WIDTH, _WIDTH // 2, num_layers=2, bidirectional=True, dropout=0.1)
        self.register_buffer("positions", positions(), persistent=False)
        self.layers = nn.Sequential(Layer(), Layer())
        self.norm = nn.LayerNorm(_WIDTH)
        self.gate = nn.Linear(2 * _WIDTH, _WIDTH)
        self.classifier = nn.Linear(_WIDTH, classes)

    def head(self, features: Tensor) -> Tensor:
        """Log-probabilities from the features of the backbone."""
        seen, _ = self.lstm(features)
        said = self.norm(self.layers(seen + self.positions[: seen.shape[0]]))
        gate = torch.sigmoid(self.gate(torch.cat([seen, said], -1)))
        return torch.log_softmax(self.classifier(gate * seen + (1 - gate) * said).float(), -1)

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities of every fourth column."""
        return self.head(self.backbone(x))


def alphabet(base: list[str]) -> list[str]:
    """The base alphabet, index 0 the blank, with the missing letters behind it."""
    return [*base, *(c for c in _EXTRA if c not in base)]


class _Weights:
    """Initialisers of the base ONNX file, taken in the order of the graph."""

    def __init__(self, path: Path) -> None:
        import onnx
        from onnx import numpy_helper

        graph = onnx.load(path).graph
        self.named = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self.nodes = [n for n in graph.node if n.op_type in ("Conv", "MatMul", "LSTM")]

    def of(self, part: str, kind: str = "Conv") -> list[Tensor]:
        """Weights (and bias) of the node whose name holds the given part."""
        found = [n for n in self.nodes if n.op_type == kind and part in n.name]
        node = next(n for n in found if any(i in self.named for i in n.input))
        return [torch.from_numpy(self.named[i].copy()) for i in node.input if i in self.named]

    def get(self, name: str) -> Tensor:
        return torch.from_numpy(self.named[name].copy())


def _copy(target: nn.Module, weight: Tensor, bias: Tensor | None = None) -> None:
    target.weight.data.copy_(weight.reshape(target.weight.shape))
    if bias is not None:
        target.bias.data.copy_(bias)


def _iofc_to_ifgo(matrix: Tensor) -> Tensor:
    """ONNX orders the LSTM's gates i, o, f, c; torch i, f, c, o."""
    i, o, f, c = matrix.chunk(4)
    return torch.cat([i, f, c, o])


def _load_backbone(net: Backbone, weights: _Weights) -> None:
    weight, bias = weights.of("/stem/conv_main/conv_main.0")
    _copy(net.stem, weight.sum(1, keepdim=True), bias)
    laplace = torch.tensor([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])
    weight, bias = weights.of("/stem/hp_proj")
    gamma = weights.get("backbone.stem.gamma")
    _copy(net.edges, gamma * weight.sum(1, keepdim=True) * laplace, gamma * bias)
    places = ("1.0", "1.1", "2.0", "2.1", "3.0", "3.1", "4.0")
    for block, place in zip(net.blocks, places, strict=True):
        name = f"/layer{place[0]}/layer{place}/"
        if block.shortcut is not None:
            _copy(block.shortcut, *weights.of(name + "shortcut"))
        _copy(block.widen, *weights.of(name + "pw1"))
        _copy(block.depthwise, *weights.of(name + "dw"))
        _copy(block.mix, *weights.of(name + "pw2"))
        _copy(block.attention.down, weights.of(name + "se/fc/fc.0", "MatMul")[0].T)
        _copy(block.attention.up, weights.of(name + "se/fc/fc.2", "MatMul")[0].T)
    _copy(net.squash, *weights.of("/layer4/layer4.1/"))


def _load_lstm(lstm: nn.LSTM, weights: _Weights) -> None:
    layers = [n for n in weights.nodes if n.op_type == "LSTM"]
    for depth, node in enumerate(layers):
        w, r, b = (weights.get(name) for name in node.input[1:4])
        for way, end in enumerate(("", "_reverse")):
            spot = f"_l{depth}{end}"
            getattr(lstm, "weight_ih" + spot).data.copy_(_iofc_to_ifgo(w[way]))
            getattr(lstm, "weight_hh" + spot).data.copy_(_iofc_to_ifgo(r[way]))
            for bias, half in zip(("bias_ih", "bias_hh"), b[way].chunk(2), strict=True):
                getattr(lstm, bias + spot).data.copy_(_iofc_to_ifgo(half))


def from_base(path: Path, chars: list[str], *, seed: int = 1) -> LineReader:
    """The model with the published weights; rows for added letters start small.

    Args:
        path: asternet.onnx of the AsterOCR 1.0.2 wheel.
        chars: result of `alphabet`.
        seed: for the added rows.
    """
    weights = _Weights(path)
    net = LineReader(len(chars))
    _load_backbone(net.backbone, weights)
    _load_lstm(net.lstm, weights)
    for number, layer in enumerate(net.layers):
        name = f"language_head.transformer.layers.{number}."
        node = f"/layers.{number}/"
        _copy(
            layer.qkv,
            weights.of(node + "self_attn/MatMul", "MatMul")[0].T,
            weights.get(name + "self_attn.in_proj_bias"),
        )
        _copy(
            layer.out,
            weights.get(name + "self_attn.out_proj.weight"),
            weights.get(name + "self_attn.out_proj.bias"),
        )
        _copy(layer.up, weights.of(node + "linear1", "MatMul")[0].T, weights.get(name + "linear1.bias"))
        _copy(layer.down, weights.of(node + "linear2", "MatMul")[0].T, weights.get(name + "linear2.bias"))
        for norm in ("norm1", "norm2"):
            _copy(
                getattr(layer, norm), weights.get(f"{name}{norm}.weight"), weights.get(f"{name}{norm}.bias")
            )
    _copy(net.norm, weights.get("language_head.norm.weight"), weights.get("language_head.norm.bias"))
    _copy(net.gate, weights.of("/fusion/", "MatMul")[0].T, weights.get("fusion.gate_linear.bias"))
    known = weights.get("classifier.bias")
    generator = np.random.default_rng(seed)
    rows = torch.from_numpy(generator.normal(0, 0.02, (len(chars), _WIDTH)).astype(np.float32))
    bias = torch.full((len(chars),), float(known[1:].mean()) - 3.0)
    rows[: len(known)] = weights.of("/classifier", "MatMul")[0].T
    bias[: len(known)] = known
    _copy(net.classifier, rows, bias)
    return net.eval()
