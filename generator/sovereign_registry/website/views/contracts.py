"""The contracts: what each one fixes, its fields as a table, and its JSON Schema."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.website.views import words
from sovereign_registry.website.views.list_parts import RowPart, row_part
from sovereign_registry.website.views.parts import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sovereign_registry.website.guides import Example
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
    "repro-v1": "What an artifact that computes a claim's numbers again has to state: files, "
    "environment, budget, expected values with tolerances, and a negative control.",
    "lean-v1": "What an artifact that proves a claim in Lean 4 has to state: statement, "
    "submission, toolchain, allowed axioms, and a person's review of the statement.",
    "repro-run-v1": "The report of one attempt to reproduce a claim under seal, from which its "
    "verdict can be decided again.",
    "lean-run-v1": "The report of one attempt to have a proof judged, from which its verdict can "
    "be decided again.",
    "record-proof-v1": "The proof that a record and its whole history stand in the log.",
    "log-entry-v1": "One entry of the transparency log: a manifest, a history entry, a statement "
    "about a key, or the root of the index of heads.",
    "agenda-v1": "The questions of a batch with their priorities and options; written by people, "
    "and no part of a registry.",
    "review-monitor-v1": "What was found when somebody last looked at a record's sources: which "
    "triggers are monitored, and which are active.",
    "site-seal-v1": "What the signature over a site's digest list stands for; published as a "
    "signed note with one value a line.",
}


FIRST = "The first version."
CHANGES = {
    "paper-manifest-v1.1": "The first version that this software writes. It carries the keys of "
    "the manifests that its source documents show, under the same names, and adds its own.",
    "correction-record-v1": "The first version. Besides the three words of correction_state it "
    "carries record_state, the full state of the record.",
}
"""Contract -> what was new in it, where there is more to say than that it is the first."""
PLACES = {
    "lexical-evidence-v1": "Every computed record has one, evidence.json: a table of counted "
    "words, too long to be shown here.",
    "registry-v1": "It is the registry's own declaration, manifests/registry.yaml in its folder; "
    "the pages print what it states.",
    "log-keys-v1": "Where this registry keeps a log, it is log/keys.yaml.",
    "log-heads-v1": "Where this registry keeps a log, they are the files below log/heads/ that are "
    "named by digits; entry.json beside them is the log-entry-v1 that stands for all.",
    "agenda-v1": "People write it for the command batch; a registry holds none.",
    "review-monitor-v1": "Where somebody looked at a record's sources again, it is "
    "review-monitor.json beside the record's page.",
    "record-proof-v1": "It is made on demand: sovereign-registry log prove ID.",
}
"""Contract -> where its documents are, where no page of a record can show one."""


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


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a contract."""

    version: str
    what: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One object of a schema with its fields."""

    id: str
    name: str
    about: str
    fields: tuple[Field, ...]


class ExamplePart(msgspec.Struct, frozen=True, kw_only=True):
    """A document of this registry that is under the contract."""

    text: str
    row: RowPart | None
    whole: Link
    left_out: str
    """What was left out, in words; empty where nothing was."""


class ContractPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a contract's page prints."""

    name: str
    about: str
    schema: Link
    groups: tuple[Group, ...]
    text: str
    example: ExamplePart | None
    missing: str
    """Why there is no example."""
    changes: tuple[Change, ...]
    sha256: str
    """Of the schema as published."""


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
    if "anyOf" in schema:  # one of several objects, each of which has a table of its own
        kinds = type_words(schema)
        about = f"{schema.get('description', '')} Each is one of: {kinds}.".strip()
        return Group(id=f"type-{name}", name=name, about=about, fields=())
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


def changes_of(name: str) -> tuple[Change, ...]:
    """The versions of a contract, newest first.

    A version is part of the name and never changes, so each name has the line that says what was
    new in it; a later version is a contract, and a page, of its own.
    """
    version = f"v{name.rpartition('-v')[2]}"
    return (Change(version=version, what=CHANGES.get(name, FIRST)),)


def _example(found: Example | None) -> ExamplePart | None:
    if found is None:
        return None
    gone = words.count(found.left_out, "item was", "items were")
    return ExamplePart(
        text=found.text,
        row=row_part(found.row) if found.row is not None else None,
        whole=Link(
            "The page of the record, with the whole document in its bundle"
            if found.whole.endswith("/") and "/history/" not in found.whole
            else "The whole document",
            found.whole,
        ),
        left_out=f"{gone} left out of long lists and tables." if found.left_out else "",
    )


def contract(
    name: str,
    schema: Mapping[str, Any],
    site: SiteInfo,
    example: Callable[[], Example | None] = lambda: None,
) -> dict[str, object]:
    """What ``contract.html`` is given: the fields as tables, an example, and the schema."""
    del site
    about = CONTRACTS.get(name) or str(schema.get("description", ""))
    text = msgspec.json.format(msgspec.json.encode(schema), indent=2)
    return {
        "contract": ContractPage(
            name=name,
            about=about,
            schema=Link(f"{name}.schema.json", schema_path(name)),
            groups=_groups(name, schema),
            text=text.decode(),
            example=_example(example()),
            missing=PLACES.get(name, "This registry has published no such document yet."),
            changes=changes_of(name),
            sha256=hashlib.sha256(text + b"\n").hexdigest(),
        )
    }
