"""Contract pages: every published contract, every field in words."""

from __future__ import annotations

from typing import Any

import pytest

from sovereign_registry.contracts.schemas import SCHEMA_NAMES, json_schema
from sovereign_registry.website.views import contracts
from tests.website.views.sample_parts import SITE


def test_every_published_contract_is_listed() -> None:
    """The list and the schemas name the same contracts."""
    assert set(contracts.CONTRACTS) == set(SCHEMA_NAMES)


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_field_of_a_schema_is_in_a_table(name: str) -> None:
    """No property of any object is left out."""
    schema = json_schema(name)
    page = contracts.contract(name, schema, SITE)["contract"]
    assert isinstance(page, contracts.ContractPage)
    objects = [schema, *schema.get("$defs", {}).values()]
    expected = sorted(key for one in objects for key in one.get("properties", {}))
    assert sorted(field.name for group in page.groups for field in group.fields) == expected
    assert page.groups[0].name == name
    assert page.schema.path == f"contracts/{name}.schema.json"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"$ref": "#/$defs/Claim"}, "Claim"),
        ({"type": "array", "items": {"$ref": "#/$defs/Claim"}}, "list of Claim"),
        ({"type": "array"}, "list"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"enum": ["a", "b", None]}, "one of a, b, null"),
        ({"const": "x-v1"}, "exactly 'x-v1'"),
        ({"type": ["string", "null"]}, "string or null"),
        ({}, "any value"),
    ],
)
def test_types_are_said_in_words(schema: dict[str, Any], expected: str) -> None:
    """A reader need not read JSON Schema."""
    assert contracts.type_words(schema) == expected
