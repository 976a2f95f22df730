"""The floor under any site generator: a loop that writes the same bytes to the same paths.

``python -m benchmarks.floor pack FOLDER PACK`` puts a built site into one file;
``python -m benchmarks.floor write PACK FOLDER`` writes it out again, a file at a time.
``python -m benchmarks.floor hash RECORDS`` is the floor under a log: it reads and hashes every
manifest and history entry of a registry, and nothing else.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
import sys
from pathlib import Path

_HEAD = struct.Struct("<II")
"""Before each file: the length of its path and of its bytes."""


def pack(folder: Path, target: Path) -> int:
    """Put every file of a folder into one file; return how many."""
    count = 0
    with target.open("wb") as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name, data = path.relative_to(folder).as_posix().encode(), path.read_bytes()
                packed.write(_HEAD.pack(len(name), len(data)) + name + data)
                count += 1
    return count


def write(source: Path, folder: Path) -> int:
    """Write the files out; return how many bytes."""
    root, made, total, at = str(folder), set[str](), 0, 0
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as packed:
        while at < len(packed):
            names, length = _HEAD.unpack_from(packed, at)
            start = at + _HEAD.size + names
            path = f"{root}/{packed[at + _HEAD.size : start].decode()}"
            at = start + length
            parent = path.rpartition("/")[0]
            if parent not in made:
                os.makedirs(parent, exist_ok=True)  # noqa: PTH103 - a floor has no luxury
                made.add(parent)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            try:
                total += os.write(handle, packed[start:at])
            finally:
                os.close(handle)
    return total


def hash_records(records: Path) -> str:
    """Hash every manifest and history entry below a folder; return a digest of the digests."""
    whole = hashlib.sha256()
    for folder in sorted(os.listdir(records)):  # noqa: PTH208 - a floor has no luxury
        paths = [f"{records}/{folder}/manifest.yaml"]
        history = f"{records}/{folder}/history"
        if os.path.isdir(history):  # noqa: PTH112 - same
            paths += [f"{history}/{name}" for name in sorted(os.listdir(history))]  # noqa: PTH208
        for path in paths:
            with open(path, "rb") as file:  # noqa: PTH123 - same
                whole.update(hashlib.sha256(file.read()).digest())
    return whole.hexdigest()


def main() -> None:
    """Pack, write or hash, as the arguments say."""
    match sys.argv[1:]:
        case ["pack", folder, target]:
            print(pack(Path(folder), Path(target)))
        case ["write", source, folder]:
            print(write(Path(source), Path(folder)))
        case ["hash", records]:
            print(hash_records(Path(records)))
        case _:
            sys.exit(
                "usage: python -m benchmarks.floor pack FOLDER PACK | write PACK FOLDER | "
                "hash RECORDS"
            )


if __name__ == "__main__":
    main()
