"""Versions of contracts: which are known, which are newer, and what is said of any other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.schemas import TYPES
from sovereign_registry.contracts.versions import (
    VERSIONS,
    Version,
    newer_than,
    unknown_version,
)

GROWN = {
    "paper-manifest": (
        Version(name="paper-manifest-v1.1"),
        Version(name="paper-manifest-v1.2", adds="a list of data sets."),
        Version(name="paper-manifest-v1.10", adds="a licence for each claim."),
    )
}
"""A table of a time to come."""


def test_every_known_version_is_a_published_contract_and_the_newest_of_its_file() -> None:
    """The table names what the software reads, and no more."""
    for family, versions in VERSIONS.items():
        assert all(version.name.startswith(f"{family}-v") for version in versions)
        assert all(version.name in TYPES for version in versions)
        assert not versions[0].adds
        assert all(version.adds for version in versions[1:])
        assert () == newer_than(versions[-1].name)


def test_newer_versions_are_told_in_order() -> None:
    """For a record that stays under the version that it names."""
    first, second, third = GROWN["paper-manifest"]
    assert (second, third) == newer_than(first.name, GROWN)
    assert (third,) == newer_than(second.name, GROWN)
    assert () == newer_than(third.name, GROWN)
    assert () == newer_than("paper-manifest-v9", GROWN)


@pytest.mark.parametrize(
    ("found", "said", "todo"),
    [
        ("paper-manifest-v1.11", "newer than all", "update sovereign-registry"),
        ("paper-manifest-v2", "newer than all", "update sovereign-registry"),
        ("paper-manifest-v1", "there never was", "Restore"),
        ("paper-manifest-v1.3", "there never was", "Restore"),
    ],
)
def test_another_version_is_named_with_what_to_do(found: str, said: str, todo: str) -> None:
    """A newer one is no fault of the file; one that never was is."""
    other = unknown_version(found, "paper-manifest-v1.1", GROWN)
    assert other is not None
    assert found in other[0]
    assert said in other[0]
    assert "paper-manifest-v1.1 and paper-manifest-v1.2 and paper-manifest-v1.10" in other[0]
    assert todo in other[1]


@pytest.mark.parametrize(
    "found", ["paper-manifest-v1.1", "history-entry-v1", "x", "", None, 3, "paper-manifest-v1.1\n"]
)
def test_what_is_no_other_version_is_left_to_the_schema(found: object) -> None:
    """A known version, another contract, or no contract at all."""
    assert None is unknown_version(found, "paper-manifest-v1.1", GROWN)


@given(st.one_of(st.text(max_size=40), st.from_regex(r"paper-manifest-v[0-9.]{1,12}")))
def test_no_name_breaks_it(found: str) -> None:
    """Whatever a file says, it is one of the three."""
    other = unknown_version(found, "paper-manifest-v1.1", GROWN)
    assert other is None or found in other[0]
