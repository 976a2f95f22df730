"""Draws the preview images that other sites show beside a link: ``theme/static/previews/*.png``.

``python scripts/preview_images.py`` writes all of them again; it needs the ``research`` extra, a
build of a site does not.  One image stands for every pair of a record's state and its quality tier,
one for records whose text was removed, one for all other pages.  They hold fixed words only, so a
new record needs no new image, and none can show what its record does not say.

The drawing is of few colours and the shades between them, so twelve are kept and an image takes
some 12 kB.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import typst

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules.states_v1 import SHOWS
from sovereign_registry.website.views import previews, scales, words

FOLDER = Path(__file__).resolve().parents[1] / "theme" / "static" / "previews"
COLOURS = 12
MOST_BYTES = 15_000
"""Of one image."""
LONG = 18
"""Letters of a heading from which on it is set smaller."""
INK, PAPER, MUTED = "#1d1b18", "#fcfbf8", "#5b574f"
PASS, CARE, FAIL = "#17603b", "#7d5200", "#96291d"
ACCENTS = {RecordState.CURRENT: PASS} | dict.fromkeys(
    (RecordState.RETRACTED, RecordState.WITHDRAWN, RecordState.REMOVED), FAIL
)
"""Of the bar; every other state asks for care."""

SHEET = """
#set page(
  width: 1200pt, height: 630pt, margin: (left: 96pt, right: 72pt, y: 64pt), fill: rgb("{paper}"),
  background: place(left + top, rect(width: 28pt, height: 100%, fill: rgb("{accent}"))),
)
#set text(font: "Libertinus Serif", size: 34pt, fill: rgb("{ink}"))
#set par(leading: 0.5em)
#text(size: 32pt, fill: rgb("{muted}"))[{kind}]
#v(6pt)
#text(size: {size}pt, weight: "semibold")[{head}]
#v(2pt)
#block(width: 96%)[{body}]
#v(1fr)
#line(length: 100%, stroke: 2pt + rgb("{accent}"))
#v(4pt)
{foot}
"""
PROMISE = "Made and checked by software. No state and no tier says that a claim is true."


def sheet(accent: str, kind: str, head: str, body: str, foot: str) -> bytes:
    """One image as Typst prints it: a PNG of 8 bits a channel, 1,000 by 525."""
    size = 96 if len(head) <= LONG else 76
    source = SHEET.format(
        paper=PAPER, ink=INK, muted=MUTED, accent=accent,
        kind=kind, head=head, body=body, foot=foot, size=size,
    )  # fmt: skip
    made = typst.compile(source.encode(), format="png", ppi=60, ignore_system_fonts=True)
    return bytes(made)


def pixels(data: bytes) -> np.ndarray:
    """The colours of a PNG of 8 bits a channel without interlacing: height x width x 3.

    The format: https://www.w3.org/TR/png-3/, 9.2 for the filters.

    Raises:
        ValueError: it is of another kind.
    """
    stream = BytesIO(data[8:])
    body, head = b"", (0, 0, 0, 0, 0, 0, 0)
    while size := stream.read(4):
        name = stream.read(4)
        chunk = stream.read(int.from_bytes(size))
        stream.read(4)
        if name == b"IHDR":
            head = struct.unpack(">2L5B", chunk)
        elif name == b"IDAT":
            body += chunk
    width, height, depth, kind, _, _, interlaced = head
    if depth != 8 or kind not in {2, 6} or interlaced:  # noqa: PLR2004 - of the format
        raise ValueError(f"a PNG of {depth} bits, colour type {kind}")
    step = 4 if kind == 6 else 3  # noqa: PLR2004 - with alpha
    raw = np.frombuffer(zlib.decompress(body), np.uint8).reshape(height, 1 + width * step)
    above = np.zeros(width * step, np.uint8)
    rows = []
    for line in raw:
        above = unfiltered(int(line[0]), line[1:].copy(), above, step)
        rows.append(above)
    return np.stack(rows).reshape(height, width, step)[:, :, :3]


def unfiltered(kind: int, line: np.ndarray, above: np.ndarray, step: int) -> np.ndarray:
    """One line of pixels without its filter."""
    if kind == 0:
        return line
    if kind == 2:  # noqa: PLR2004 - up
        return line + above
    left, corner = np.zeros(step, int), np.zeros(step, int)
    for at in range(0, len(line), step):
        over = above[at : at + step].astype(int)
        if kind == 1:
            guess = left
        elif kind == 3:  # noqa: PLR2004 - average
            guess = (left + over) // 2
        else:
            near = left + over - corner
            far = [abs(near - one) for one in (left, over, corner)]
            guess = np.where(
                (far[0] <= far[1]) & (far[0] <= far[2]),
                left,
                np.where(far[1] <= far[2], over, corner),
            )
        line[at : at + step] = (line[at : at + step].astype(int) + guess) % 256
        left, corner = line[at : at + step].astype(int), over
    return line


def packed(colours: np.ndarray) -> bytes:
    """A PNG of four bits a pixel with the nearest of the few most frequent colours."""
    height, width, _ = colours.shape
    flat = colours.reshape(-1, 3)
    counts = Counter(map(tuple, flat.tolist()))
    best = sorted(counts, key=lambda one: (-counts[one], one))[:COLOURS]
    palette = np.array(best, int)
    nearest = {one: int(np.abs(palette - np.array(one)).sum(axis=1).argmin()) for one in counts}
    places = np.array([nearest[tuple(one)] for one in flat.tolist()], np.uint8)
    lines = places.reshape(height, width)
    nibbles = (lines[:, ::2] << 4) | lines[:, 1::2]
    body = b"".join(b"\0" + line.tobytes() for line in nibbles)

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
        )

    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">2L5B", width, height, 4, 3, 0, 0, 0)),
            chunk(b"PLTE", palette.astype(np.uint8).tobytes()),
            chunk(b"IDAT", zlib.compress(body, 9)),
            chunk(b"IEND", b""),
        )
    )


def images() -> dict[str, bytes]:
    """File name -> image, of all."""
    found = {
        previews.REGISTRY: sheet(
            "#12497a",
            "Registry of research records",
            "Questions, claims, checks",
            "Every record with its sources, its numbers, and every later change.",
            PROMISE,
        ),
        previews.file_name(RecordState.REMOVED, Tier.NOT_TIERED): sheet(
            FAIL,
            "Research record",
            words.state_word(RecordState.REMOVED),
            words.state_says(RecordState.REMOVED),
            "What it was can be told by its digests.",
        ),
    }
    for state in RecordState:
        shown = Tier if SHOWS[state].tier else (Tier.NOT_TIERED,)
        for tier in shown if state is not RecordState.REMOVED else ():
            found[previews.file_name(state, tier)] = sheet(
                ACCENTS.get(state, CARE),
                "Research record",
                words.state_word(state),
                words.state_says(state),
                f"Quality tier: *{scales.tier_label(tier)}*, a triage by rules. {PROMISE}",
            )
    return {name: packed(pixels(data)) for name, data in found.items()}


def main() -> None:
    """Write all images, and say what they weigh."""
    made = images()
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.png"):
        path.unlink()
    for name, data in sorted(made.items()):
        if len(data) > MOST_BYTES:
            sys.exit(f"{name} has {len(data):,} bytes, more than {MOST_BYTES:,}")
        (FOLDER / name).write_bytes(data)
    sizes = [len(data) for data in made.values()]
    print(f"{len(made)} images, {sum(sizes):,} bytes, {max(sizes):,} the largest")


if __name__ == "__main__":
    main()
