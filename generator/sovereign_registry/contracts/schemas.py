"""The published JSON Schemas (2020-12), made from the records' types and docstrings."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts import documents
from sovereign_registry.contracts.agenda import Agenda
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.evidence import Evidence
from sovereign_registry.contracts.history import HistoryEntry
from sovereign_registry.contracts.log.entries import LogEntry
from sovereign_registry.contracts.log.heads import Shard
from sovereign_registry.contracts.log.keys import KeysFile
from sovereign_registry.contracts.log.proofs import RecordProof
from sovereign_registry.contracts.log.seal import SiteSeal
from sovereign_registry.contracts.manifest import Manifest
from sovereign_registry.contracts.monitor import ReviewMonitor
from sovereign_registry.contracts.proof import LeanArtifact
from sovereign_registry.contracts.registry import RegistryInfo
from sovereign_registry.contracts.repro import Repro
from sovereign_registry.contracts.runs import LeanRun, ReproRun
from sovereign_registry.contracts.schema_words import PROPERTIES
from sovereign_registry.contracts.tombstone import Tombstone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DIALECT = "https://json-schema.org/draft/2020-12/schema"

TYPES: dict[str, Any] = {
    "paper-manifest-v1.1": Manifest,
    "history-entry-v1": HistoryEntry,
    "registry-v1": RegistryInfo,
    "lexical-evidence-v1": Evidence,
    "verification-levels-v1": documents.VerificationLevelsV1,
    "gate-verdict-v1": documents.GateVerdictV1,
    "quality-tiers-v1": documents.QualityTiersV1,
    "quality-dimensions-v1": documents.QualityDimensionsV1,
    "correction-record-v1": documents.CorrectionRecordV1,
    "source-provenance-v1": documents.SourceProvenanceV1,
    "tombstone-v1": Tombstone,
    "log-keys-v1": KeysFile,
    "log-heads-v1": Shard,
    "record-proof-v1": RecordProof,
    "log-entry-v1": LogEntry,
    "site-seal-v1": SiteSeal,
    "repro-v1": Repro,
    "lean-v1": LeanArtifact,
    "repro-run-v1": ReproRun,
    "lean-run-v1": LeanRun,
    "agenda-v1": Agenda,
    "review-monitor-v1": ReviewMonitor,
}
"""Every published contract with the record type behind it, or the union of types."""

UNIONS = {
    "log-entry-v1": "One entry of the log, as canonical JSON (RFC 8785); kind tells which of the "
    "four it is.",
}
"""What the contracts say that are one of several records."""

STRONG_NEEDS_ARTIFACT = {
    "if": {
        "properties": {"status": {"enum": ["VERIFIED", "FALSIFIED"]}},
        "required": ["status"],
    },
    "then": {
        "required": ["artifacts", "claims", "origin"],
        "properties": {
            "artifacts": {"minItems": 1},
            "claims": {"minItems": 1},
            "origin": {"const": "computed"},
        },
    },
}
"""No strong verdict without the digest of an artifact, a claim in scope, and a run of ours."""

_GATES = frozenset({"GateVerdict", "GateVerdictV1"})


def _clean(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split()).replace("``", "")


def _summary(cls: type) -> str:
    """The docstring without its ``Raises`` part."""
    return _clean(inspect.cleandoc(cls.__doc__ or "").partition("\nRaises:")[0])


@cache
def _field_docs(cls: type) -> dict[str, str]:
    """The texts that stand under the fields of a class in its source; inherited ones too."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith(__package__ or ""):
            found |= _own_docs(base)
    return found


def _own_docs(cls: type) -> dict[str, str]:
    tree = ast.parse(inspect.getsource(cls))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found = {}
    for field, doc in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match doc:
                case ast.Expr(value=ast.Constant(value=str() as text)):
                    found[field.target.id] = _clean(text)
    return found


def _structs(info: object) -> Iterator[type]:
    """Every record and enum type within a type, itself included."""
    match info:
        case msgspec.inspect.StructType(cls=cls, fields=fields):
            yield cls
            for field in fields:
                yield from _structs(field.type)
        case msgspec.inspect.EnumType(cls=cls):
            yield cls
        case msgspec.inspect.UnionType(types=types):
            for one in types:
                yield from _structs(one)
        case msgspec.inspect.VarTupleType(item_type=item):
            yield from _structs(item)
        case _:
            return


def _referenced(schema: dict[str, Any]) -> str | None:
    """The name of the definition that a property is, or may be, or is a list of."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    items = schema.get("items")
    parts = [*schema.get("anyOf", ()), *([items] if isinstance(items, dict) else [])]
    names = (_referenced(part) for part in parts)
    return next((name for name in names if name), None)


def _describe(definition: dict[str, Any], cls: type, classes: dict[str, type]) -> None:
    """Give every property of one definition its description."""
    docs = _field_docs(cls)
    for name, schema in definition.get("properties", {}).items():
        other = _referenced(schema)
        text = docs.get(name) or PROPERTIES.get(name)
        if text is None and other is not None:
            text = _summary(classes[other])
        if text is not None:
            schema["description"] = text


@cache
def _schema(name: str) -> bytes:
    cls = TYPES[name]
    (reference,), components = msgspec.json.schema_components([cls], ref_template="#/$defs/{name}")
    classes = {one.__name__: one for one in _structs(msgspec.inspect.type_info(cls))}
    for key, definition in components.items():
        definition["description"] = _summary(classes[key])
        _describe(definition, classes[key], classes)
        if key in _GATES:
            definition.update(STRONG_NEEDS_ARTIFACT)
    # A union has no definition of its own: each entry is one of those that it names.
    root = (
        components.pop(str(reference["$ref"]).rpartition("/")[2])
        if "$ref" in reference
        else {"description": UNIONS[name], **reference}
    )
    return msgspec.json.encode(
        {"$schema": DIALECT, "$id": f"contracts/{name}.schema.json"}
        | root
        | {"title": name}
        | ({"$defs": dict(sorted(components.items()))} if components else {})
    )


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one contract; a fresh mapping that the caller may change.

    Raises:
        UsageError: there is no contract of that name.
    """
    if name not in TYPES:
        raise UsageError(f"no contract {name!r}", todo=f"Known: {', '.join(TYPES)}.")
    schema: dict[str, Any] = msgspec.json.decode(_schema(name))
    return schema


def _maker(name: str) -> Callable[[], dict[str, Any]]:
    return lambda: json_schema(name)


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {name: _maker(name) for name in TYPES}
"""Every contract's name with the function that makes its schema."""

SCHEMA_NAMES: tuple[str, ...] = tuple(TYPES)
"""The contracts' names in the order in which they are listed."""
