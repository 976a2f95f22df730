"""The embedded default of the Reviewer port: the deterministic rubric, no language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.rules import rubric_v1

if TYPE_CHECKING:
    from sovereign_registry.contracts.dossier import Dossier
    from sovereign_registry.contracts.review import Opinion, Role


class RubricReviewer:
    """Reviewer whose opinions anybody can recompute from the features that they carry."""

    name = "rubric panel"
    version = rubric_v1.RULES
    method = rubric_v1.METHOD

    def review(self, role: Role, dossier: Dossier) -> Opinion:
        """Return the role's opinion by formula."""
        return rubric_v1.opinion(role, dossier)
