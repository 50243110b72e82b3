"""Fine-tune the line reader on endless rendered lines, on one processor core and a niced second.

    python train.py --base asternet.onnx --vocab vocab.json --units admin_map.csv \
        --fonts FONTS --out RUN --minutes 80

Writes RUN/ema.pt (running mean of the weights) every few minutes and at the end.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from export import base_alphabet
from lines import HELD_OUT, Renderer, Sample
from model import HEIGHT, LineReader, from_base
from text import Writer
from torch.nn import functional

_PIXELS = 5120
"""Columns in a batch: lines of about equal width share one, so no line is padded."""

_WIDTHS = (*range(32, 256, 32), *range(256, 512, 48), *range(512, 1100, 64))
_SLOW_PARTS = ("backbone.stem", "backbone.edges", *(f"backbone.blocks.{n}." for n in range(4)))
"""Layers at full resolution: three fifths of the time, a tenth of the weights."""


def bucket(sample: Sample) -> tuple[int, np.ndarray]:
    """The nearest batch width and the strip stretched to it, wide enough for CTC to spell the text."""
    repeats = sum(a == b for a, b in zip(sample.text, sample.text[1:], strict=False))
    least = 4 * (len(sample.text) + repeats) + 12
    width = max(sample.picture.shape[1], least)
    target = min(
        (w for w in _WIDTHS if w >= least), key=lambda w: abs(math.log(w / width)), default=_WIDTHS[-1]
    )
    if sample.picture.shape[1] == target:
        return target, sample.picture
    return target, cv2.resize(sample.picture, (target, HEIGHT), interpolation=cv2.INTER_AREA)


def batches(renderer: Renderer) -> Iterator[tuple[np.ndarray, list[str]]]:
    """Strips [B, 32, W] and their texts, one width to a batch."""
    waiting: dict[int, list[tuple[np.ndarray, str]]] = {w: [] for w in _WIDTHS}
    while True:
        sample = renderer.sample()
        width, picture = bucket(sample)
        waiting[width].append((picture, sample.text))
        if len(waiting[width]) >= min(40, max(5, _PIXELS // width)):
            pictures, texts = zip(*waiting[width], strict=True)
            waiting[width] = []
            yield np.stack(pictures), list(texts)


def produce(queue: multiprocessing.Queue, units: Path, fonts: Path, seed: int, release: float) -> None:
    """Fill the queue for ever; runs in a process of its own with low priority.

    Args:
        release: seconds until the typefaces held out for validation join the others.
    """
    os.nice(10)
    cv2.setNumThreads(1)
    writer = Writer(units)
    until = time.monotonic() + release
    for batch in batches(Renderer(fonts, writer, seed, held_out=HELD_OUT)):
        queue.put(batch)
        if time.monotonic() > until:
            break
    for batch in batches(Renderer(fonts, writer, seed + 1, held_out=())):
        queue.put(batch)


class Average:
    """Running mean of the weights, quick to follow at first."""

    def __init__(self, net: LineReader, decay: float = 0.997) -> None:
        self.decay = decay
        self.steps = 0
        self.weights = {k: v.detach().clone().float() for k, v in net.state_dict().items()}

    def update(self, net: LineReader) -> None:
        """Take one step towards the present weights."""
        self.steps += 1
        keep = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, value in net.state_dict().items():
            self.weights[name].lerp_(value.detach().float(), 1 - keep)

    def save(self, path: Path) -> None:
        """Replace the file in one step."""
        beside = path.with_suffix(".part")
        torch.save(self.weights, beside)
        beside.replace(path)


def rate(progress: float, steps: int, warmup: int = 50) -> float:
    """Share of the full learning rate: linear warm-up, cosine decay to 2 %."""
    return min(1.0, (steps + 1) / warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))


def groups(net: LineReader, head: float, late: float, early: float) -> list[dict]:
    """Parameter groups with their own learning rates."""
    sets: dict[str, list] = {"head": [], "late": [], "early": []}
    for name, parameter in net.named_parameters():
        slow = name.startswith(_SLOW_PARTS)
        sets["early" if slow else "late" if name.startswith("backbone") else "head"].append(parameter)
    rates = {"head": head, "late": late, "early": early}
    return [{"params": p, "lr": rates[k], "full": rates[k], "name": k} for k, p in sets.items()]


def step(net: LineReader, pictures: np.ndarray, targets: list[list[int]]) -> torch.Tensor:
    """CTC loss of one batch, bfloat16 where it is safe."""
    strips = torch.from_numpy(pictures.astype(np.float32) / 127.5 - 1)[:, None]
    strips = strips.contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        scores = net(strips)
    frames, batch, _ = scores.shape
    flat = torch.tensor([c for target in targets for c in target])
    lengths = torch.tensor([len(target) for target in targets])
    spans = torch.full((batch,), frames)
    return functional.ctc_loss(scores.float(), flat, spans, lengths, zero_infinity=True)


def train(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    chars = base_alphabet(args.vocab)
    index = {c: i for i, c in enumerate(chars)}
    net = from_base(args.base, chars, seed=args.seed)
    if args.resume:
        net.load_state_dict(torch.load(args.resume, weights_only=True))
    net = net.to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(
        groups(net, args.head, args.late, args.early), betas=(0.9, 0.98), weight_decay=0.01
    )
    slow = [p for n, p in net.named_parameters() if n.startswith(_SLOW_PARTS)]
    average = Average(net)
    args.out.mkdir(parents=True, exist_ok=True)
    queue: multiprocessing.Queue = multiprocessing.Queue(24)
    worker = multiprocessing.Process(
        target=produce, args=(queue, args.units, args.fonts, args.seed, 60 * args.release), daemon=True
    )
    worker.start()
    started = saved = time.monotonic()
    losses: list[float] = []
    steps = seen = 0
    while (elapsed := time.monotonic() - started) < 60 * args.minutes:
        pictures, texts = queue.get()
        everything = args.full_every and steps % args.full_every == 0
        for parameter in slow:
            parameter.requires_grad_(bool(everything))
        factor = rate(elapsed / (60 * args.minutes), steps)
        for group in optimiser.param_groups:
            group["lr"] = group["full"] * factor
        loss = step(net, pictures, [[index[c] for c in text if c in index] for text in texts])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in net.parameters() if p.grad is not None], 5.0)
        optimiser.step()
        average.update(net)
        losses.append(loss.item())
        steps, seen = steps + 1, seen + len(texts)
        if steps % 50 == 0:
            done = f"{elapsed / 60:.1f} min, step {steps}, {seen} lines"
            print(f"{done}, loss {np.mean(losses[-50:]):.4f}, queue {queue.qsize()}", flush=True)
        if time.monotonic() - saved > 60 * args.save_every:
            average.save(args.out / "ema.pt")
            saved = time.monotonic()
    average.save(args.out / "ema.pt")
    print(f"done: {steps} steps, {seen} lines, {(time.monotonic() - started) / 60:.1f} min", flush=True)
    worker.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--vocab", type=Path, required=True)
    parser.add_argument("--units", type=Path, required=True, help="table of administrative units")
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--minutes", type=float, default=80)
    parser.add_argument("--save-every", type=float, default=4, help="minutes")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument(
        "--head", type=float, default=4e-4, help="learning rate of LSTM, transformer, classifier"
    )
    parser.add_argument("--late", type=float, default=2e-4, help="learning rate of the late backbone")
    parser.add_argument("--early", type=float, default=1e-4, help="learning rate of the early backbone")
    parser.add_argument(
        "--full-every", type=int, default=4, help="batches between full backward passes; 0 never"
    )
    parser.add_argument("--release", type=float, default=40, help="minutes until held-out typefaces join")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
