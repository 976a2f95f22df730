"""What the page says of a record's report and of the log, on a site that carries less or more."""

from __future__ import annotations

import msgspec
import pytest

from sovereign_registry.contracts.registry import FileGroup, Publish
from sovereign_registry.website.views import panels
from tests.website.views import samples
from tests.website.views.sample_parts import SITE


@pytest.mark.parametrize(
    ("publish", "value", "note"),
    [
        (Publish(), "Available", "report.md. This site does not carry report.pdf."),
        (
            Publish(bundles=False, beside=(FileGroup.MANIFEST,)),
            "Not carried by this site",
            "This site does not carry report.md, report.pdf.",
        ),
        (Publish(pdf=True), "Available", "report.md, report.pdf."),
    ],
)
def test_a_report_that_the_site_leaves_out_is_not_called_available(
    publish: Publish, value: str, note: str
) -> None:
    """The files beside it say so as well."""
    base = samples.manifest()
    report = msgspec.structs.replace(base.artifacts[0], kind="report", public=True)
    two = (
        msgspec.structs.replace(report, name="report.md", media_type="text/markdown"),
        msgspec.structs.replace(report, name="report.pdf", media_type="application/pdf"),
    )
    view = samples.view(msgspec.structs.replace(base, artifacts=two))
    groups = panels.provenance(view, msgspec.structs.replace(SITE, publish=publish)).groups
    facts = {fact.label: fact for group in groups for fact in group.facts}
    found = facts["Report artifact"]
    assert (value, True) == (found.value, found.note.startswith(note))


def test_a_logged_record_says_where_it_stands_and_that_its_level_is_older() -> None:
    """The level was assessed at publication, and being logged since is a fact of its own."""
    view = samples.revised()
    site = msgspec.structs.replace(SITE, logged=True, log_origin="example.org/log")

    def told(*places: int) -> tuple[str, str]:
        groups = panels.provenance(view, site, places).groups
        by_label = {fact.label: fact for group in groups for fact in group.facts}
        return by_label["Transparency log"].value, by_label["Public provenance"].note

    due = tuple(range(4, 5 + len(view.history)))
    value, note = told(*due)
    assert f"Logged since: entries {', '.join(map(str, due))}" == value
    assert note.startswith("Assessed at publication, before it was logged. ")
    assert told(4)[0] == f"Logged since: entry 4; 1 of {len(due)} files"
    value, note = told()
    assert ("Not logged yet", False) == (value, note.startswith("Assessed at"))
