"""Requirements: pinned names with hashes, wheels only, and an artifact never says from where."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.adapters.requirements_install import LockRefused, PipInstaller, pins
from sovereign_registry.contracts.canonical import file_sha256

if TYPE_CHECKING:
    from pathlib import Path

HASH = "--hash=sha256:" + "0" * 64


def wheel(folder: Path, needs: str = "") -> str:
    """A tiny wheel of our own; its digest."""
    path = folder / "cargo_bell-1.0-py3-none-any.whl"
    info = "cargo_bell-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cargo_bell.py", "RING = 3\n")
        lines = "Metadata-Version: 2.1\nName: cargo-bell\nVersion: 1.0\n"
        lines += f"Requires-Dist: {needs}\n" if needs else ""
        archive.writestr(f"{info}/METADATA", lines)
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def installer(folder: Path) -> PipInstaller:
    """Installs from a folder of wheels, and from no index."""
    return PipInstaller(arguments=("--no-index", "--find-links", str(folder)))


def test_a_wheel_with_its_hash_is_installed(tmp_path: Path) -> None:
    """Its files are there, with a digest that is the same each time."""
    digest = wheel(tmp_path)
    lock = f"cargo-bell==1.0 \\\n    --hash=sha256:{digest}\n".encode()
    found = []
    for name in ("one", "two"):
        target = tmp_path / name
        target.mkdir()
        found.append(installer(tmp_path).install(lock, str(target)))
        assert (target / "cargo_bell.py").is_file()
    assert ("", ("cargo-bell==1.0",)) == (found[0].why, found[0].packages)
    assert found[0].sha256 == found[1].sha256
    assert file_sha256(lock) == found[0].lock_sha256
    assert found[0].tool.startswith("pip ")


def test_a_wheel_with_another_hash_is_not(tmp_path: Path) -> None:
    """Pip's refusal is told."""
    wheel(tmp_path)
    (tmp_path / "env").mkdir()
    found = installer(tmp_path).install(f"cargo-bell==1.0 {HASH}\n".encode(), str(tmp_path / "env"))
    assert found.sha256 is None
    assert "pip refused" in found.why


def test_what_has_no_wheel_is_not_built(tmp_path: Path) -> None:
    """A source distribution would run its own code."""
    source = tmp_path / "cargo_bell-1.0.tar.gz"
    source.write_bytes(b"not even opened")
    (tmp_path / "env").mkdir()
    lock = f"cargo-bell==1.0 --hash=sha256:{file_sha256(b'not even opened')}\n".encode()
    found = installer(tmp_path).install(lock, str(tmp_path / "env"))
    assert found.sha256 is None


@pytest.mark.parametrize(
    "line",
    [
        "cargo-bell==1.0",
        "cargo-bell>=1.0 " + HASH,
        f"cargo-bell {HASH}",
        f"cargo-bell==1.* {HASH}",
        f"cargo-bell @ https://example.org/x.whl {HASH}",
        "https://example.org/x.whl",
        "--index-url https://example.org/simple",
        f"--extra-index-url https://example.org/simple\ncargo-bell==1.0 {HASH}",
        f"cargo-bell==1.0 --index-url=https://example.org {HASH}",
        "-r other.txt",
        "-e .",
        "./cargo_bell",
        f"cargo-bell==1.0 --hash=md5:{'0' * 32}",
        f"cargo-bell==1.0 {HASH} --global-option=x",
        f"cargo-bell==1.0 {HASH} ; python_version > '3'",
        "",
        "# nothing\n",
        "c\u00e4rgo==1.0 " + HASH,
    ],
)
def test_anything_else_in_a_lock_is_refused_before_pip_sees_it(tmp_path: Path, line: str) -> None:
    """Options, addresses, files, ranges, weak hashes, markers."""
    with pytest.raises(LockRefused):
        pins(line.encode())
    (tmp_path / "env").mkdir()
    found = PipInstaller(python="/nonexistent").install(line.encode(), str(tmp_path / "env"))
    assert (None, ()) == (found.sha256, found.packages)
    assert found.why


def test_comments_and_continued_lines_are_read() -> None:
    """As lock files are written."""
    text = f"# by us\nB_c==2 \\\n  {HASH} \\\n  {HASH}\na==1 {HASH}  # why\n"
    assert ("a==1", "b-c==2") == pins(text.encode())


def test_a_lock_that_leaves_out_what_a_wheel_needs_is_refused(tmp_path: Path) -> None:
    """Rather than installed in part."""
    digest = wheel(tmp_path, needs="absent-thing")
    (tmp_path / "env").mkdir()
    lock = f"cargo-bell==1.0 --hash=sha256:{digest}\n".encode()
    found = installer(tmp_path).install(lock, str(tmp_path / "env"))
    assert found.sha256 is None
    assert "pip refused" in found.why
