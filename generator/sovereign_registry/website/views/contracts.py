"""The contracts: what each one fixes, its fields as a table, and its JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.website.views.parts import Link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.website.model import SiteInfo

CONTRACTS = {
    "paper-manifest-v1.1": "The immutable record of one run or of one imported draft: question, "
    "sources, claims, review, assessment, artifacts.",
    "history-entry-v1": "One numbered entry of a record's history: who, when, why, and every "
    "change as a guarded patch.",
    "lexical-evidence-v1": "Counted words and word pairs from which every claim's cosine can be "
    "computed again.",
    "verification-levels-v1": "The rung of a record on the verification ladder, with the counts "
    "behind it.",
    "gate-verdict-v1": "The verdict of Gate 2: unverified, verified or falsified, with its reason.",
    "quality-tiers-v1": "The quality tier with its inputs and thresholds.",
    "quality-dimensions-v1": "Eight quality dimensions with their words and reasons.",
    "correction-record-v1": "The state of a record and every correction that was added to it.",
    "source-provenance-v1": "Where a record comes from, and how far a stranger can follow that.",
    "registry-v1": "Who publishes a registry and under which terms.",
    "tombstone-v1": "What stays of a record whose text was removed for a legal reason.",
    "log-keys-v1": "Every statement about the keys that sign the transparency log.",
    "log-heads-v1": "One shard of the index of heads: the newest digest of each record in it.",
    "record-proof-v1": "The proof that a record and its whole history stand in the log.",
}


class ContractRow(msgspec.Struct, frozen=True, kw_only=True):
    """One contract in the list."""

    link: Link
    schema: Link
    about: str


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of an object; ``path`` is dotted for fields of inner objects."""

    name: str
    type: str
    required: str
    about: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One object of a schema with its fields."""

    id: str
    name: str
    about: str
    fields: tuple[Field, ...]


class ContractPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a contract's page prints."""

    name: str
    about: str
    schema: Link
    groups: tuple[Group, ...]
    text: str


def schema_path(name: str) -> str:
    """Where a contract's JSON Schema stands in the site."""
    return f"contracts/{name}.schema.json"


def index(site: SiteInfo) -> dict[str, object]:
    """What ``contracts.html`` is given: every contract with its page and its schema."""
    del site
    rows = tuple(
        ContractRow(
            link=Link(name, f"contracts/{name}/"),
            schema=Link(f"{name}.schema.json", schema_path(name)),
            about=about,
        )
        for name, about in CONTRACTS.items()
    )
    return {"contracts": rows}


def type_words(schema: Mapping[str, Any]) -> str:
    """The type of a field in words: ``list of Claim``, ``string or null``, one of its words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return f"exactly {schema['const']!r}"
    if "enum" in schema:
        return "one of " + ", ".join("null" if one is None else str(one) for one in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(type_words(one) for one in schema[several])
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"list of {type_words(items)}" if isinstance(items, dict) else "list"
    found = schema.get("type", "any value")
    return " or ".join(found) if isinstance(found, list) else str(found)


def _about(schema: Mapping[str, Any]) -> str:
    bounds = [
        f"{words} {schema[key]}"
        for key, words in (
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("minLength", "at least this many characters:"),
            ("maxLength", "at most this many characters:"),
            ("pattern", "pattern"),
        )
        if key in schema
    ]
    described = [str(schema["description"])] if "description" in schema else []
    return "; ".join(described + bounds)


def _group(name: str, schema: Mapping[str, Any]) -> Group | None:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return None
    required = set(schema.get("required", ()))
    return Group(
        id=f"type-{name}",
        name=name,
        about=str(schema.get("description", "")),
        fields=tuple(
            Field(
                name=key,
                type=type_words(value),
                required="required" if key in required else "optional",
                about=_about(value),
            )
            for key, value in properties.items()
        ),
    )


def _groups(name: str, schema: Mapping[str, Any]) -> tuple[Group, ...]:
    """The document first, then every inner object by name."""
    definitions = schema.get("$defs", {})
    root = schema
    if "$ref" in schema:
        root = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
    named = [(name, root), *sorted(definitions.items())]
    found = [_group(key, value) for key, value in named if key == name or value is not root]
    return tuple(group for group in found if group is not None)


def contract(name: str, schema: Mapping[str, Any], site: SiteInfo) -> dict[str, object]:
    """What ``contract.html`` is given: the fields as tables, and the schema as published."""
    del site
    about = CONTRACTS.get(name) or str(schema.get("description", ""))
    return {
        "contract": ContractPage(
            name=name,
            about=about,
            schema=Link(f"{name}.schema.json", schema_path(name)),
            groups=_groups(name, schema),
            text=msgspec.json.format(msgspec.json.encode(schema), indent=2).decode(),
        )
    }
