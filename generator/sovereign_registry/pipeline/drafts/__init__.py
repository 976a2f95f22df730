"""Import of drafts and pages that another system wrote.

Everything that such a document states is stored as declared: nothing is checked, nothing that it
leaves out is filled in, and an import always waits for its owner.
"""

from sovereign_registry.pipeline.drafts.draft import Draft, parse_draft
from sovereign_registry.pipeline.drafts.duplicates import near_duplicates
from sovereign_registry.pipeline.drafts.manifest import draft_of_page, import_manifest
from sovereign_registry.pipeline.drafts.page import Page, parse_page

__all__ = [
    "Draft",
    "Page",
    "draft_of_page",
    "import_manifest",
    "near_duplicates",
    "parse_draft",
    "parse_page",
]
