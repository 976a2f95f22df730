"""The running software as a wheel, to be kept beside what it made.

A registry's own copy needs no package index to be there, or to hold what it held: the workflow of a
new registry installs exactly the bytes that its repository keeps.
"""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import sovereign_registry
from sovereign_registry.contracts.errors import BuildFailed

if TYPE_CHECKING:
    from importlib.metadata import Distribution, PackagePath

NAME = "sovereign-registry"
_PACKAGE = Path(sovereign_registry.__file__).resolve().parent
_INSTALLERS = frozenset({"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"})
"""What an installer adds to ``.dist-info``; it says where one copy came from."""
_AGAIN = "Install sovereign-registry again, from a wheel or an index."


def own_wheel() -> tuple[str, bytes]:
    """File name and bytes of a wheel of the software that is running.

    Raises:
        BuildFailed: the installation is not whole, or a file of it was changed.
    """
    source = _PACKAGE.parent.parent
    if _PACKAGE.parent.name == "generator" and (source / "pyproject.toml").is_file():
        return _built(source)
    try:
        return _packed(distribution(NAME))
    except PackageNotFoundError as error:
        raise BuildFailed(
            "the running software is not installed as a package", where=NAME, todo=_AGAIN
        ) from error


def _built(source: Path) -> tuple[str, bytes]:
    """Build the wheel of a source tree with the build backend, which development installs have."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        done = subprocess.run(  # noqa: S603 - this interpreter, no argument from outside
            command, cwd=source, capture_output=True, text=True, check=False
        )
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            last = (done.stderr or done.stdout).strip().rpartition("\n")[2]
            raise BuildFailed(
                f"the wheel cannot be built: {last}", where=str(source), todo="Run `make setup`."
            )
        return wheels[0].name, wheels[0].read_bytes()


def _packed(installed: Distribution) -> tuple[str, bytes]:
    """Pack an installed wheel's files again, each compared with the digest that it came with."""
    files = {path.as_posix(): _checked(path) for path in installed.files or () if _shipped(path)}
    if "sovereign_registry/__init__.py" not in files:
        raise BuildFailed("the installation does not hold the package", where=NAME, todo=_AGAIN)
    name = f"sovereign_registry-{installed.version}"
    lines = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in sorted(files.items())]
    record = f"{name}.dist-info/RECORD"
    files[record] = "".join(f"{line}\n" for line in (*lines, f"{record},,")).encode()
    return f"{name}-py3-none-any.whl", _zipped(files)


def _shipped(path: PackagePath) -> bool:
    """Whether a file came in the wheel: no script or bytecode, nothing that an installer wrote."""
    pure = PurePosixPath(path.as_posix())
    if ".." in pure.parts or "__pycache__" in pure.parts:
        return False
    return not (pure.parts[0].endswith(".dist-info") and pure.name in _INSTALLERS)


def _checked(path: PackagePath) -> bytes:
    where = Path(str(path.locate()))
    data = where.read_bytes() if where.is_file() else None
    if data is None or path.hash is None or path.hash.value != _digest(data):
        found = "is missing" if data is None else "is not as it was installed"
        raise BuildFailed(found, where=str(where), todo=_AGAIN)
    return data


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _zipped(files: dict[str, bytes]) -> bytes:
    """A zip archive without a clock in it; a wheel's RECORD stands last."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files, key=lambda one: (one.endswith("/RECORD"), one)):
            entry = zipfile.ZipInfo(path, (2020, 2, 2, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[path], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
