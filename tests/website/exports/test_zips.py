"""Archives of our own making against those of Python's ``zipfile``."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.website import zips

NAMES = st.text("abc/é…-._1", min_size=1, max_size=12)


def by_library(files: dict[str, bytes]) -> bytes:
    """The same archive, made by the standard library."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in sorted(files.items()):
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED if data else zipfile.ZIP_STORED
            archive.writestr(member, data, compresslevel=zips.LEVEL)
    return made.getvalue()


@given(st.dictionaries(NAMES, st.binary(max_size=200) | st.text(max_size=99).map(str.encode)))
def test_an_archive_is_the_librarys_byte_for_byte(files: dict[str, bytes]) -> None:
    """Names beyond ASCII, empty files and no files at all included."""
    assert zips.zipped(files) == by_library(files)


def test_the_order_of_the_files_changes_nothing() -> None:
    """Names are sorted."""
    files = {"b": b"2" * 5000, "a/x": b"1", "": b""}
    assert zips.zipped(files) == zips.zipped(dict(reversed(files.items())))


def test_more_files_than_the_format_counts_are_refused() -> None:
    """The archive would state another number."""
    with pytest.raises(BuildFailed, match="more than one archive can hold"):
        zips.zipped({str(number): b"" for number in range(zips.MOST_FILES + 1)})
