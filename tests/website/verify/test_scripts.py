"""The parts of the panel's scripts agree with the contracts, in a real Chromium."""

from __future__ import annotations

import json
import random
import struct
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.log.merkle import Tree, leaf_hash
from sovereign_registry.contracts.log.note import PrivateKey, sign
from sovereign_registry.contracts.log.tiles import tile_path, tree_files
from sovereign_registry.contracts.numbers import quantise
from sovereign_registry.contracts.rules.lexical_v1 import cosine, terms
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from tests.contracts.log import oracle
from tests.website.verify.scripts import b64, run

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONnc"
    "AlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

# RFC 8785, section 3.2.3 and appendix B, and what its test suite is made of.
RFC_OBJECT = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\U0001f600": "Emoji: Grinning Face",
    "\x80": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
}
RFC_NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


def test_canonical_json_is_that_of_the_rfc(scripts: Page) -> None:
    """Its example of sorting, its numbers, and whatever the reference gives for odd strings."""
    values: list[Any] = [
        RFC_OBJECT,
        {"numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27], "string": "\u20ac$\u000f\nA'B"},
        [56, {"d": True, "10": None, "1": [], "": {}}, '"\\/\b\f\t\r\x7f\u2028\u2029'],
        {"\ue000": 1, "\U00010000": 2, "__proto__": {"constructor": "toString"}},
    ]
    found = run(scripts, "return given.map((one) => lib.canonical(JSON.parse(one)))", [
        json.dumps(value) for value in values
    ])  # fmt: skip
    assert found == [rfc8785.dumps(value).decode() for value in values]


def test_numbers_are_written_as_the_rfc_lists_them(scripts: Page) -> None:
    """Appendix B, bit for bit."""
    given = {bits: struct.unpack(">d", bytes.fromhex(bits))[0] for bits in RFC_NUMBERS}
    found = run(
        scripts, "return Object.fromEntries(Object.entries(given).map(([k, v]) => "
        "[k, lib.canonical(v)]))", given,
    )  # fmt: skip
    wrong = {bits: text for bits, text in found.items() if text != RFC_NUMBERS[bits]}
    assert set(wrong) <= {"becbf647612f3696"}  # the RFC prints more digits than it asks for
    assert found["becbf647612f3696"] == rfc8785.dumps(given["becbf647612f3696"]).decode()


@pytest.mark.parametrize("value", ["\\ud800", "a\\udc00b"])
def test_half_a_character_has_no_form(scripts: Page, value: str) -> None:
    """A lone surrogate is refused."""
    assert "half a character" in run(scripts, f'return lib.canonical({{a: "{value}"}})')


def test_every_shipped_file_is_read_as_the_registry_reads_it(scripts: Page, root: Path) -> None:
    """Manifest by manifest, entry by entry: the same digest of the content."""
    registry = Registry(root)
    given, due = {}, {}
    for record_id in registry.ids():
        view = registry.read(record_id)
        manifest, history = registry.raw(record_id)
        given[record_id] = b64(manifest)
        due[record_id] = view.manifest_content_sha256
        for (name, data), entry in zip(history, view.history, strict=True):
            given[name + record_id] = b64(data)
            due[name + record_id] = content_sha256(entry)
    found = run(
        scripts,
        """const found = {};
        for (const [name, data] of Object.entries(given)) {
          found[name] = await lib.contentDigest(lib.readYaml(bytes(data), name));
        }
        return found;""",
        given,
    )
    assert found == due


def test_odd_values_are_read_from_yaml(scripts: Page) -> None:
    """Nested lists, empty values, quoted keys, every kind of scalar."""
    value: dict[str, Any] = {
        "a_b": [{"x": [], "y": {}}, {"x": [[1, "- z: \n"], []], "yes": None}, "k: v", '"q": 1', -7],
        "no": {"Ключ": True, "a: b": {"c": [{"d": [{"e": "\u2028"}]}]}, "__proto__": "x"},
        "text": "# no comment\\ \" ' \U0001f600",
    }
    found = run(scripts, 'return lib.canonical(lib.readYaml(bytes(given), "f"))', b64(emit(value)))
    assert found == rfc8785.dumps(value).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1",
        "a: 1\n\n",
        "a: 1\na: 2\n",
        "a: 1.5\n",
        "a: 9007199254740993\n",
        "a: plain\n",
        "a: &x 1\n",
        "a: 1 # comment\n",
        "# comment\na: 1\n",
        "a:\n",
        "a:\n b: 1\n",
        "a:\n   b: 1\n",
        "- 1\n",
        "a:\n  - 1\n b: 2\n",
        "a: 'x'\n",
        'a: "x\n',
        "---\na: 1\n",
        "a: |\n  x\n",
        "\ufeffa: 1\n",
        "a: 1\r\n",
    ],
)
def test_any_other_yaml_is_refused(scripts: Page, text: str) -> None:
    """With the line, and never guessed at."""
    found = run(scripts, 'return lib.readYaml(bytes(given), "f")', b64(text.encode()))
    assert isinstance(found, str)
    assert found.startswith("fault: f:")


def test_paths_of_tiles_are_those_of_the_layout(scripts: Page) -> None:
    """The same groups of digits, the same widths."""
    places = [(0, 0, 256), (0, 5, 7), (1, 999, 256), (2, 1000, 1), (0, 1234067, 256)]
    found = run(scripts, "return given.map((one) => lib.tilePath(...one))", places)
    assert found == [tile_path(*one) for one in places]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 255, 256, 257, 300, 512, 513, 700])
def test_proofs_from_tiles_are_those_of_the_rfc(scripts: Page, size: int) -> None:
    """Path and root for first, last and some entries; every changed entry is refused."""
    entries = [f"entry {number}".encode() for number in range(size)]
    tree = Tree([leaf_hash(entry) for entry in entries])
    files = {path: b64(data) for path, data in tree_files(tree, entries, size).items()}
    draw = random.Random(size)  # noqa: S311 - a sample, no secret
    indexes = sorted({0, size - 1, size // 2, *(draw.randrange(size) for _ in range(4))})
    found = run(
        scripts,
        """const asked = new Set();
        const hash = lib.tileHashes(async (path) => {
          asked.add(path);
          return { bytes: bytes(given.files[path]), where: path };
        }, given.size);
        const root = bytes(given.root);
        const out = [];
        for (const index of given.indexes) {
          const proof = await lib.inclusionProof(hash, index, given.size);
          const entry = lib.toBytes(`entry ${index}`);
          out.push([
            proof.map(lib.hex),
            await lib.verifyInclusion(entry, index, given.size, proof, root),
            await lib.verifyInclusion(lib.toBytes("other"), index, given.size, proof, root),
            await lib.verifyInclusion(entry, index, given.size, [...proof, root], root),
          ]);
        }
        return [out, [...asked].some((path) => path.includes("entries"))];""",
        {"size": size, "files": files, "root": b64(oracle.mth(entries)), "indexes": indexes},
    )
    due = [[[one.hex() for one in oracle.path(at, entries)], True, False, False] for at in indexes]
    assert found == [due, False]


def test_terms_are_counted_as_the_registry_counts_them(scripts: Page) -> None:
    """Words of any script, digits, underscores, capitals that become two letters."""
    texts = [
        "A bee, a BEE and two_bees: 15b-parameters x2 x!",
        "İstanbul STRASSE ǅ ΑΣ Σ ὈΔΥΣΣΕΎΣ",
        "日本語の文 ٣٤٥ अनुच्छेद परीक्षा ½ ²³ Ⅷ é e\u0301",
        "constructor toString __proto__ hasOwnProperty",
        "",
    ]
    found = run(scripts, "return given.map((one) => [...lib.terms(one)].sort())", texts)
    assert [dict(one) for one in found] == [terms(text) for text in texts]


def test_cosines_are_rounded_half_even(scripts: Page) -> None:
    """Ties of the binary value included."""
    draw = random.Random(1)  # noqa: S311 - a sample, no secret
    values = [number / 1024 for number in range(1025)] + [draw.random() for _ in range(2000)]
    values += [0.0, 1.0, 1e-10, 0.9999999995, 0.0000000005, 5e-324]
    assert run(scripts, "return given.map(lib.quantise)", values) == [quantise(v) for v in values]


def test_a_cosine_is_that_of_the_rule(scripts: Page) -> None:
    """Terms without a document frequency are ignored, whatever they are called."""
    left = {"alpha": 2, "beta": 1, "alpha beta": 1, "constructor": 4}
    right = {"alpha": 1, "beta": 3, "gamma": 1, "toString": 2}
    df = {"alpha": 3, "beta": 1, "alpha beta": 1, "gamma": 7}
    args = [left, right, df, 9]
    assert run(scripts, "return lib.cosine(...given)", args) == cosine(left, right, df, 9)
    assert run(scripts, "return lib.cosine(...given)", [{}, right, df, 9]) == "0.000000000"


NOTE = """const [text, key] = given;
const note = lib.parseNote(bytes(text), "n");
const signers = await lib.signersOf(note, [await lib.parseKey(key, "k")], "n");
return signers.map((one) => one.text);"""


def test_notes_are_opened_as_the_specification_says(scripts: Page) -> None:
    """The right key opens; another key, a changed text and a cut note do not."""
    key, other = (PrivateKey("example.org/log", bytes([n]) * 32) for n in (1, 2))
    note = sign("example.org/log\n3\nAAAA\n", other, key).encode()
    assert run(scripts, NOTE, [b64(note), str(key.public)]) == [str(key.public)]
    for changed, said in {
        note.replace(b"\n3\n", b"\n4\n"): "the signature of example.org/log",
        note[:-1]: "was cut",
        note.replace("\N{EM DASH} ".encode(), b"- "): "malformed",
        b"example.org/log\n3\nAAAA\n": "no signed note",
        b"\xff" + note: "not UTF-8",
    }.items():
        assert said in run(scripts, NOTE, [b64(changed), str(key.public)])
    third = PrivateKey("example.org/log", bytes([3]) * 32)
    assert "not signed by a key" in run(scripts, NOTE, [b64(note), str(third.public)])
    wrong = str(key.public).replace(key.public.id.hex(), "00000000")
    assert "id is another one's" in run(scripts, NOTE, [b64(note), wrong])


def test_the_published_notes_are_opened(scripts: Page) -> None:
    """The example of C2SP signed-note, and that of the reference implementation."""
    for note, key in ((FOO_NOTE, FOO), (PETER_NOTE, PETER)):
        assert run(scripts, NOTE, [b64(note.encode()), key]) == [key]
