"""Ways to change a published site; each change names the check that fails, and words of it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import content_sha256, file_sha256
from sovereign_registry.contracts.log.keys import KeyEvent, KeysFile
from sovereign_registry.contracts.log.note import PrivateKey, sign
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.strict_yaml import load
from tests.verifier.sites import ADDRESS, IMPORTED, REGISTRY, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.website.verify.conftest import Published

Files = dict[str, bytes]


def one(files: Files, pattern: str) -> str:
    """The one path that a pattern names."""
    (found,) = [path for path in files if re.fullmatch(pattern, path)]
    return found


def replaced(files: Files, path: str, old: str, new: str, count: int = 1) -> Files:
    """A site with one text exchanged in one file."""
    data = files[path].decode()
    assert old in data
    return files | {path: data.replace(old, new, count).encode()}


def flipped(files: Files, path: str, place: int = -9) -> Files:
    """A site with one bit changed in one file."""
    data = bytearray(files[path])
    data[place] ^= 1
    return files | {path: bytes(data)}


def without(files: Files, path: str) -> Files:
    """A site without one file."""
    return {name: data for name, data in files.items() if name != path}


def elsewhere(folder: Path, address: str) -> Files:
    """The log of another registry, under some address."""
    folder.mkdir()
    world = World(folder)
    text = REGISTRY.replace(ADDRESS, address)
    (world.root / "manifests" / "registry.yaml").write_text(text, encoding="utf-8")
    world.import_record(IMPORTED)
    world.log()
    top = world.root / "manifests"
    return {
        path.relative_to(top).as_posix(): path.read_bytes()
        for path in (top / "log").rglob("*")
        if path.is_file()
    }


def revoked(data: bytes) -> bytes:
    """A list of keys with the statement that its only key is compromised since the first entry."""
    file = msgspec.convert(load(data, "keys.yaml"), KeysFile)
    (first,) = file.statements
    second = msgspec.structs.replace(
        first,
        sequence=2,
        event=KeyEvent.COMPROMISED,
        log_size=1,
        note="It was read by others.",
        previous=content_sha256(first),
        signatures=(),
    )
    return emit(msgspec.structs.replace(file, statements=(first, second)))


def packed(files: Files, record: str, change: Callable[[Files], Files]) -> Files:
    """A site with other files in one bundle."""
    path = f"records/{record}/bundle.zip"
    with zipfile.ZipFile(io.BytesIO(files[path])) as archive:
        inner = {name: archive.read(name) for name in archive.namelist()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in change(inner).items():
            archive.writestr(name, data)
    return files | {path: made.getvalue()}


class RecordChanges:
    """Changes of the page and of the record's own files."""

    def __init__(self, site: Published) -> None:
        self.site = site
        self.now = site.now
        self.folder = f"records/{site.computed}/"
        self.page = f"{self.folder}index.html"
        self.json = f"{self.folder}record.json"

    def a_tick_flipped_in_the_page(self) -> tuple[Files, str, str]:
        """A tick flipped in the page."""
        text = self.now[self.page].decode()
        found = re.search(r'data-shown="(c\d+) tick"[^>]*>\s*(?:<[^>]+>)?([✓✗])', text)
        assert found
        other = {"✓": "✗", "✗": "✓"}[found[2]]
        text = text[: found.end() - 1] + other + text[found.end() :]
        return self.now | {self.page: text.encode()}, "What this page shows", f"as {found[1]} tick"

    def a_title_changed_in_the_page(self) -> tuple[Files, str, str]:
        """A title changed in the page."""
        text = re.sub(r'(data-shown="title"[^>]*>)', r"\1Not ", self.now[self.page].decode())
        return self.now | {self.page: text.encode()}, "What this page shows", "as title"

    def a_state_changed_in_the_page(self) -> tuple[Files, str, str]:
        """A state changed in the page."""
        text = re.sub(
            r'(data-shown="state"[^>]*>)[^<]*', r"\1Retracted", self.now[self.page].decode()
        )
        return self.now | {self.page: text.encode()}, "What this page shows", "“Retracted” as state"

    def a_value_changed_in_the_page(self) -> tuple[Files, str, str]:
        """A value changed in the page."""
        text = re.sub(
            r'(data-shown="c1 value"[^>]*>)[^<]*', r"\g<1>0.999", self.now[self.page].decode()
        )
        return self.now | {self.page: text.encode()}, "What this page shows", "0.999” as c1 value"

    def a_role_score_changed_in_the_page(self) -> tuple[Files, str, str]:
        """A role's score changed in the page."""
        text = re.sub(
            r'(data-shown="round-0 SKEPTIC"[^>]*>)[^<]*', r"\g<1>9.9", self.now[self.page].decode()
        )
        return (
            self.now | {self.page: text.encode()},
            "What this page shows",
            "“9.9” as round-0 SKEPTIC",
        )

    def a_claim_left_out_of_the_page(self) -> tuple[Files, str, str]:
        """A claim left out of the page."""
        text = self.now[self.page].decode().replace('data-shown="c2 ', 'data-hidden="c2 ')
        return self.now | {self.page: text.encode()}, "What this page shows", "does not show c2"

    def a_byte_of_the_manifest(self) -> tuple[Files, str, str]:
        """A byte of the manifest."""
        path = f"{self.folder}manifest.yaml"
        return flipped(self.now, path, 5000), "Manifest", f"{path}: its SHA-256 is"

    def a_manifest_with_its_digest_in_the_json(self) -> tuple[Files, str, str]:
        """A manifest with its digest in the JSON."""
        path = f"{self.folder}manifest.yaml"
        files = replaced(self.now, path, "analysed: ", "analysed:  ")
        files = self._redigested(files, path)
        return files, "Manifest", f"{path}:"

    def _redigested(self, files: Files, path: str) -> Files:
        """Redigested."""
        old, new = (file_sha256(each[path]) for each in (self.now, files))
        size = f'"manifest_bytes":{len(self.now[path])}'
        files = replaced(files, self.json, old, new)
        return replaced(files, self.json, size, f'"manifest_bytes":{len(files[path])}')

    def a_manifest_s_value_everywhere(self) -> tuple[Files, str, str]:
        """Consistently in manifest and JSON; only the chain, and the log, can tell."""
        path = f"{self.folder}manifest.yaml"
        old = re.search(r'value: "(0\.\d{9})"', self.now[path].decode())
        assert old
        files = replaced(self.now, path, old[1], "0.777777777", -1)
        files = replaced(files, self.json, old[1], "0.777777777", -1)
        return self._redigested(files, path), "Manifest", "states another digest of its content"

    def the_json_alone(self) -> tuple[Files, str, str]:
        """The JSON alone."""
        view = json.loads(self.now[self.json])
        view["view"]["record"]["claims"][0]["verification"]["passed"] ^= True
        files = self.now | {self.json: json.dumps(view).encode()}
        return files, "History", f"{self.json}: states something else at /claims/0/verification/"

    def no_json(self) -> tuple[Files, str, str]:
        """No JSON."""
        return without(self.now, self.json), "Manifest", f"{self.json}: is missing"

    def a_json_that_is_none(self) -> tuple[Files, str, str]:
        """A JSON that is none."""
        return self.now | {self.json: b"[1, 2"}, "Manifest", f"{self.json}: is not JSON"

    def a_json_without_its_fields(self) -> tuple[Files, str, str]:
        """A JSON without its fields."""
        view = json.loads(self.now[self.json])
        del view["view"]["history"]
        files = self.now | {self.json: json.dumps(view).encode()}
        return files, "History", "is not of its form"

    def the_json_of_another_record(self) -> tuple[Files, str, str]:
        """The JSON of another record."""
        files = self.now | {self.json: self.now[f"records/{IMPORTED}/record.json"]}
        return files, "Manifest", "belongs to another record"

    def the_newest_entry_dropped_and_refolded(self) -> tuple[Files, str, str]:
        """Page, JSON and history of yesterday beside the log of today."""
        files = {n: d for n, d in self.now.items() if not n.startswith(self.folder)}
        files |= {n: d for n, d in self.site.before.items() if n.startswith(self.folder)}
        return files, "Nothing newer", "names entry 3"

    def a_byte_of_a_history_file(self) -> tuple[Files, str, str]:
        """A byte of a history file."""
        path = f"{self.folder}history/0002-state-change.yaml"
        files = replaced(self.now, path, "We are looking", "We were looking")
        return files, "History", f"{path}: differs from record.json at /note"

    def a_history_file_and_the_json(self) -> tuple[Files, str, str]:
        """A history file and the JSON."""
        path = f"{self.folder}history/0002-state-change.yaml"
        files = replaced(self.now, path, "We are looking", "We were looking")
        files = replaced(files, self.json, "We are looking", "We were looking", -1)
        return files, "History", "0003-state-change.yaml: does not follow the entry before it"

    def the_newest_history_file_and_the_json(self) -> tuple[Files, str, str]:
        """No later entry guards it: only the log does."""
        path = f"{self.folder}history/0003-state-change.yaml"
        files = replaced(self.now, path, "Nothing was found.", "Nothing was sought.")
        view = json.loads(self.now[self.json])
        view["view"]["history"][2]["note"] = "Nothing was sought."
        view["view"]["head_sha256"] = content_sha256(view["view"]["history"][2])
        files |= {self.json: json.dumps(view).encode()}
        return files, "Entries in the log", "history, entry 3: is not what log entry"

    def a_missing_history_file(self) -> tuple[Files, str, str]:
        """A missing history file."""
        path = f"{self.folder}history/0001-correction.yaml"
        return without(self.now, path), "History", f"{path}: is missing"

    def two_history_files_swapped(self) -> tuple[Files, str, str]:
        """Two history files swapped."""
        second, third = (f"{self.folder}history/000{n}-state-change.yaml" for n in (2, 3))
        files = self.now | {second: self.now[third], third: self.now[second]}
        return files, "History", f"{second}: differs from record.json"

    def a_count_of_the_evidence(self) -> tuple[Files, str, str]:
        """A count of the evidence."""
        path = f"{self.folder}artifacts/evidence.json"
        files = replaced(self.now, path, '":1,', '":2,')
        return files, "Cosine of every claim", f"{path}: its SHA-256 is"

    def the_evidence_of_nothing(self) -> tuple[Files, str, str]:
        """The evidence of nothing."""
        path = f"{self.folder}artifacts/evidence.json"
        return without(self.now, path), "Cosine of every claim", f"{path}: is missing"

    def other_places_in_the_page(self) -> tuple[Files, str, str]:
        """Other places in the page."""
        text = self.now[self.page].decode()
        text = re.sub(r'("entries":\[)\d+', r"\g<1>2", text)
        assert text.encode() != self.now[self.page]
        files = self.now | {self.page: text.encode()}
        return files, "Entries in the log", "manifest.yaml: is not what log entry 2 says"

    def an_entry_that_the_page_does_not_place(self) -> tuple[Files, str, str]:
        """An entry that the page does not place."""
        text = re.sub(r'("entries":\[\d+)[\d,]*', r"\1", self.now[self.page].decode())
        files = self.now | {self.page: text.encode()}
        return files, "Entries in the log", "the log does not hold it yet"


class LogChanges:
    """Changes of the log."""

    def __init__(self, site: Published) -> None:
        self.site = site
        self.now = site.now

    def _log(self, pattern: str) -> str:
        """A file of the newest log."""
        return one(self.now, f"log/{pattern}")

    def a_forged_checkpoint(self) -> tuple[Files, str, str]:
        """A forged checkpoint."""
        root = self.now["log/checkpoint"].decode().split("\n")[2]
        other = ("B" if root[0] == "A" else "A") + root[1:]
        files = replaced(self.now, "log/checkpoint", root, other)
        return files, "Signature of the log", "log/checkpoint: the signature of"

    def a_checkpoint_signed_by_another_key(self) -> tuple[Files, str, str]:
        """A checkpoint signed by another key."""
        text = self.now["log/checkpoint"].decode().split("\n\n")[0] + "\n"
        key = PrivateKey(text.split("\n")[0], b"\x05" * 32)
        files = self.now | {"log/checkpoint": sign(text, key).encode()}
        return files, "Signature of the log", "is not signed by a key that the log names"

    def a_checkpoint_cut_off(self) -> tuple[Files, str, str]:
        """A checkpoint cut off."""
        files = self.now | {"log/checkpoint": self.now["log/checkpoint"][:-20]}
        return files, "Signature of the log", "log/checkpoint: is no signed note, or was cut"

    def no_checkpoint(self) -> tuple[Files, str, str]:
        """No checkpoint."""
        files = without(self.now, "log/checkpoint")
        return files, "Signature of the log", "log/checkpoint: is missing"

    def a_log_rolled_back(self) -> tuple[Files, str, str]:
        """A log rolled back."""
        files = {name: data for name, data in self.now.items() if not name.startswith("log/")}
        files |= {n: d for n, d in self.site.before.items() if n.startswith("log/")}
        return files, "Entries in the log", "the log was rolled back"

    def the_log_of_another_registry(self) -> tuple[Files, str, str]:
        """The log of another registry."""
        folder = self.site.world.root.parent / "elsewhere"
        files = {name: data for name, data in self.now.items() if not name.startswith("log/")}
        files |= elsewhere(folder, "https://example.net/other")
        return files, "Signature of the log", "is of the log example.net/other/log"

    def a_log_by_somebody_else_under_the_same_name(self) -> tuple[Files, str, str]:
        """A log by somebody else under the same name: in order by itself, with a key of its own."""
        folder = self.site.world.root.parent / "forged"
        files = {name: data for name, data in self.now.items() if not name.startswith("log/")}
        files |= elsewhere(folder, ADDRESS)
        return files, "Signature of the log", "log/keys.yaml: starts with the key"

    def a_changed_list_of_keys(self) -> tuple[Files, str, str]:
        """A changed list of keys."""
        files = replaced(self.now, "log/keys.yaml", "The first key.", "The only key.")
        return files, "Signature of the log", "log/keys.yaml, statement 1: the signature of"

    def a_key_revoked(self) -> tuple[Files, str, str]:
        """Nobody need sign that a key is compromised; what it signed then counts no more."""
        files = self.now | {"log/keys.yaml": revoked(self.now["log/keys.yaml"])}
        return files, "Signature of the log", "is not signed by a key that the log names"

    def a_tile(self) -> tuple[Files, str, str]:
        """A tile."""
        size = self.now["log/checkpoint"].decode().split("\n")[1]
        files = flipped(self.now, self._log(rf"tile/0/000\.p/{size}"), 3)
        return files, "Entries in the log", "the tiles of the log are not those that were signed"

    def a_tile_cut_off(self) -> tuple[Files, str, str]:
        """A tile cut off."""
        size = self.now["log/checkpoint"].decode().split("\n")[1]
        path = self._log(rf"tile/0/000\.p/{size}")
        files = self.now | {path: self.now[path][:-1]}
        return files, "Entries in the log", f"{path}: holds"

    def a_shard(self) -> tuple[Files, str, str]:
        """A shard."""
        digit = file_sha256(self.site.computed.encode())[0]
        path = self._log(rf"heads/\d+/{digit}\.json")
        files = flipped(self.now, path, -9)
        return files, "Nothing newer", f"{path}: is not the one that the log's last entry"

    def a_shard_of_yesterday(self) -> tuple[Files, str, str]:
        """A shard of yesterday."""
        digit = file_sha256(self.site.computed.encode())[0]
        old = one(self.site.before, rf"log/heads/\d+/{digit}\.json")
        path = self._log(rf"heads/\d+/{digit}\.json")
        files = self.now | {path: self.site.before[old]}
        return files, "Nothing newer", f"{path}: is not the one"

    def the_last_entry(self) -> tuple[Files, str, str]:
        """The last entry."""
        path = self._log(r"heads/\d+/entry\.json")
        return flipped(self.now, path), "Nothing newer", f"{path}: is not the log's last entry"

    def a_tile_of_the_heads(self) -> tuple[Files, str, str]:
        """A tile of the heads."""
        files = flipped(self.now, self._log(r"heads/\d+/tile/0/000\.p/16"), 7)
        return files, "Nothing newer", "is not the one that the log's last entry stands for"
