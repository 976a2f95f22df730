"""Wrong usage names what was meant: the option, the variable or the folder, with exit code 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.console import call, new_registry

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A registry without records."""
    return new_registry(tmp_path / "registry")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("verify", "/nonexistent"), "error: /nonexistent: there is no such file or folder."),
        (("verify", ".", "--checkpoint", "/nonexistent"), "error: /nonexistent: is missing."),
        (("verify", ".", "--public-key", "foo"), "error: --public-key: is no Ed25519 key"),
        (("init", "/proc/foo"), "error: /proc: no folder can be made there:"),
    ],
)
def test_what_is_not_there_is_wrong_usage(arguments: tuple[str, ...], says: str) -> None:
    """And no bad input: the command line named it."""
    done = call(*arguments)
    assert (2, True) == (done.returncode, done.stderr.startswith(says)), done.stderr


def test_a_bad_address_is_blamed_on_what_gave_it(place: Path) -> None:
    """The option or the variable."""
    build = ("build", "--quiet", "--registry", str(place))
    option, variable = call(*build, "--siteurl", "ftp:x"), call(*build, SITEURL="ftp:x")
    assert [2, 2] == [option.returncode, variable.returncode]
    assert option.stderr.startswith("error: --siteurl: 'ftp:x' is no address")
    assert variable.stderr.startswith("error: SITEURL: 'ftp:x' is no address")


def test_an_empty_reason_is_named_by_its_option(place: Path) -> None:
    """Not by a file that nobody has written."""
    for command in ("approve", "reject"):
        by = ("--by", "owner", "--reason", " ", "--registry", str(place))
        done = call("owner", command, "sr-2605-0a1b2c3d", *by)
        assert (2, True) == (done.returncode, "--reason: is empty" in done.stderr), done.stderr


def test_init_says_of_a_registry_that_it_is_one(place: Path) -> None:
    """It gives no advice that was just followed."""
    done = call("init", str(place))
    assert 2 == done.returncode
    assert "It is a registry already" in done.stderr
    (place.parent / "full").mkdir()
    (place.parent / "full" / "x").write_text("x", encoding="utf-8")
    assert "init full-2" in call("init", str(place.parent / "full")).stderr


def test_a_registry_that_cannot_be_written_to_is_named(place: Path) -> None:
    """Also where the site or the dump itself would stand elsewhere."""
    (place / ".sovereign").write_text("in the way", encoding="utf-8")
    done = call("dump", str(place.parent / "all.zip"), "--registry", str(place))
    assert (2, True) == (done.returncode, ".sovereign/lock: cannot be locked" in done.stderr)
    done = call("build", "-q", "--output", str(place.parent / "site"), "--registry", str(place))
    assert 1 == done.returncode
    assert ".sovereign" in done.stderr
    assert "See the lines above" not in done.stderr
