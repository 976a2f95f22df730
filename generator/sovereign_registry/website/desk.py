"""What the builders of pages outside the records may read besides the slice that they are given."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.website.details import Details, Shelf
from sovereign_registry.website.model import SiteInfo
from sovereign_registry.website.search_index import SearchIndex

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView

Context = dict[str, Any]


class Desk(msgspec.Struct, kw_only=True):
    """One build's desk.  A page that reads more than its slice states what in ``depends``."""

    site: SiteInfo
    views: str
    """The package that says what pages show."""
    shelf: Shelf | None = None
    digests: Mapping[str, bytes] = {}
    """Record id -> digest of its details."""
    search: SearchIndex | None = None

    def details(self, record: str) -> Details:
        """The details of one record.

        Raises:
            LookupError: this desk holds none.
        """
        if self.shelf is None:
            raise LookupError(record)
        return self.shelf.get(record, self.digests[record])

    def record(self, record: str) -> RecordView:
        """One whole record.

        Raises:
            LookupError: this desk holds none.
        """
        if self.shelf is None:
            raise LookupError(record)
        return self.shelf.view(record)

    def view(self, module: str, function: str, *values: object) -> Context:
        """What a template is given, by a function of the views."""
        made: Context = getattr(import_module(f"{self.views}.{module}"), function)(*values)
        return made
