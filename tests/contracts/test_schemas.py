from typing import Any

import jsonschema
import pytest

from sovereign_registry.contracts import schemas
from sovereign_registry.contracts.errors import UsageError


def _definitions(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [schema, *schema.get("$defs", {}).values()]


@pytest.mark.parametrize("name", schemas.SCHEMA_NAMES)
def test_schema_is_whole(name: str) -> None:
    """Each schema is valid 2020-12, names itself, and describes every part and property."""
    schema = schemas.SCHEMAS[name]()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"contracts/{name}.schema.json"
    assert schema["title"] == name
    for definition in _definitions(schema):
        assert definition["description"]
        for key, value in definition.get("properties", {}).items():
            assert value.get("description"), f"{definition['title']}.{key}"
        if definition.get("type") == "object":
            assert definition["additionalProperties"] is False


def test_every_call_gives_a_fresh_schema() -> None:
    """A caller that changes a schema changes no other caller's."""
    schemas.json_schema("registry-v1")["title"] = "changed"
    assert schemas.json_schema("registry-v1")["title"] == "registry-v1"


def test_unknown_name_is_one_clear_error() -> None:
    """The error lists the names that exist."""
    with pytest.raises(UsageError, match=r"paper-manifest-v1\.1"):
        schemas.json_schema("paper-manifest-v9")


GATE = {
    "schema": "contracts/gate-verdict-v1.schema.json",
    "schema_version": "1.0",
    "contract_version": "gate-verdict-v1",
    "status": "VERIFIED",
    "label": "Verified",
    "definition": "x",
    "origin": "computed",
    "reason_code": "reproduced",
    "reason": "x",
    "evaluated_at": None,
    "gate": "Gate 2",
    "claims": ["c1"],
    "checkable_claims": 1,
    "scope": "1 of 1 claims",
    "artifacts": ["ab" * 32],
    "verdicts": [],
    "accepted": [],
    "generated_from": {
        "record": "sr-2605-0000000a",
        "manifest_content_sha256": "ab" * 32,
        "head_sha256": "ab" * 32,
    },
    "enforcement": "x",
    "interpretation": [],
}


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        ({}, True),
        ({"artifacts": []}, False),
        ({"claims": []}, False),
        ({"origin": "declared"}, False),
        ({"status": "FALSIFIED", "artifacts": []}, False),
        ({"status": "UNVERIFIED", "artifacts": [], "claims": []}, True),
        ({"status": "PROVEN"}, False),
        ({"surprise": 1}, False),
    ],
)
def test_the_schema_itself_refuses_a_strong_verdict_without_backing(
    change: dict[str, Any], *, valid: bool
) -> None:
    """VERIFIED and FALSIFIED need an artifact, a claim and a run, for any validator."""
    validator = jsonschema.Draft202012Validator(schemas.json_schema("gate-verdict-v1"))
    assert valid is validator.is_valid(GATE | change)
    inner = schemas.json_schema("paper-manifest-v1.1")["$defs"]["GateVerdict"]
    assert inner["then"]["properties"]["artifacts"] == {"minItems": 1}
