"""Signed notes (C2SP signed-note), with Ed25519 only.

A public key is written ``name+id+base64(0x01 || key)`` and a private one
``PRIVATE+KEY+name+id+base64(0x01 || seed)``, the forms that other tools for signed notes read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sovereign_registry.contracts.log.faults import LogFault, require

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY_BYTES = 32
SIGNATURE_BYTES = 64
MAX_NOTE = 1_000_000
MAX_SIGNATURES = 100
ED25519 = b"\x01"
_DASH = "\N{EM DASH} "
_NAME = re.compile(r"[^\s+\x00-\x20\x7f]+")
_PRIVATE = "PRIVATE+KEY+"
_BAD_KEY = "is no Ed25519 key of a signed note: name+id+base64"


def b64(data: bytes) -> str:
    """Standard base64 (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str, what: str = "the text") -> bytes:
    """Decode base64, canonical spelling only.

    Raises:
        LogFault: it is anything else.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    require(b64(data) == text, f"{what} is not base64")
    return data


def require_name(name: str) -> str:
    """Return a name that a key, and a log, may have.

    Raises:
        LogFault: it is empty, or holds a space, a plus sign or a control character.
    """
    require(
        _NAME.fullmatch(name) and len(name) <= 200,  # noqa: PLR2004 - generous
        f"{name[:80]!r} cannot name a log or a key: no space, plus sign or control character",
    )
    return name


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """Who may have signed."""

    name: str
    key: bytes
    """32 bytes (RFC 8032)."""

    @property
    def id(self) -> bytes:
        """The key id: four bytes, a hint and no proof."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        """``name+id+base64``."""
        return f"{self.name}+{self.id.hex()}+{b64(ED25519 + self.key)}"

    def signed(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature over the text is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


class PrivateKey:
    """What signs; prints only its public part.

    Args:
        name: The key's name.
        seed: 32 secret bytes.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        require(len(seed) == KEY_BYTES, "a private key's seed has 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        public = self._key.public_key().public_bytes_raw()
        self.public = PublicKey(name=require_name(name), key=public)

    def __repr__(self) -> str:
        """Name the key without its secret."""
        return f"PrivateKey({self.public})"

    def signature_line(self, text: str) -> str:
        """The signature line over a text, with its line end."""
        return f"{_DASH}{self.public.name} {b64(self.public.id + self._key.sign(text.encode()))}\n"

    def export(self) -> str:
        """The secret form; for the key file and nothing else."""
        public = self.public
        return f"{_PRIVATE}{public.name}+{public.id.hex()}+{b64(ED25519 + self._seed)}"


def _parse_key(text: str, where: str) -> tuple[str, str, bytes]:
    name, _, rest = text.partition("+")
    given, _, encoded = rest.partition("+")
    try:
        data = unb64(encoded)
        require(len(data) == 1 + KEY_BYTES and data[:1] == ED25519, _BAD_KEY)
        return require_name(name), given, data[1:]
    except LogFault as error:
        # The text itself stays out of the message: it may be a secret.
        raise LogFault(_BAD_KEY, where=where) from error


def parse_public(text: str, where: str = "key") -> PublicKey:
    """Read ``name+id+base64``.

    Raises:
        LogFault: it is malformed, or its id is not the key's.
    """
    name, given, data = _parse_key(text, where)
    key = PublicKey(name=name, key=data)
    require(key.id.hex() == given, "the id is not the key's", where=where)
    return key


def parse_private(text: str, where: str) -> PrivateKey:
    """Read the secret form; no message ever holds it.

    Raises:
        LogFault: it is malformed, or its id is not the key's.
    """
    require(text.startswith(_PRIVATE), "is no private key of a signed note", where=where)
    name, given, data = _parse_key(text.removeprefix(_PRIVATE), where)
    key = PrivateKey(name, data)
    require(key.public.id.hex() == given, "the id is not the key's", where=where)
    return key


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A signed text, taken apart; nothing is verified by taking it apart."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]
    """(key name, key id, signature), in order."""


def sign(text: str, *keys: PrivateKey) -> str:
    """A note: the text, an empty line, one signature line a key."""
    return text + "\n" + "".join(key.signature_line(text) for key in keys)


def parse_signature_line(line: str, where: str = "note") -> tuple[str, bytes, bytes]:
    """(key name, key id, signature) of one line, without its line end.

    Raises:
        LogFault: it is no signature line.
    """
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        require(line.startswith(_DASH) and encoded, "a signature line is malformed")
        data = unb64(encoded, "a signature")
        require(len(data) > 4, "a signature is too short")  # noqa: PLR2004 - the id's four bytes
        return require_name(name), data[:4], data[4:]
    except LogFault as error:
        raise LogFault(error.what, where=where) from error


def parse_note(data: bytes, where: str = "note") -> Note:
    """Take a signed note apart.

    Raises:
        LogFault: it is too long, not UTF-8, or not of the form.
    """
    require(len(data) <= MAX_NOTE, f"holds {len(data):,} bytes", where=where)
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LogFault("is not UTF-8", where=where) from error
    require(not re.search(r"[\x00-\x09\x0b-\x1f]", whole), "holds control characters", where=where)
    text, gap, tail = whole.rpartition("\n\n")
    require(gap and tail.endswith("\n"), "is no signed note, or was cut", where=where)
    lines = tail[:-1].split("\n")
    require(len(lines) <= MAX_SIGNATURES, f"has {len(lines)} signatures", where=where)
    signatures = tuple(parse_signature_line(line, where) for line in lines)
    return Note(text=text + "\n", signatures=signatures)


def open_note(
    data: bytes, keys: Iterable[PublicKey], where: str = "note"
) -> tuple[str, tuple[PublicKey, ...]]:
    """The text of a note and the known keys that signed it, at least one.

    Raises:
        LogFault: the note is malformed, a known key's signature is wrong, or no known key signed.
    """
    note = parse_note(data, where)
    known = {(key.name, key.id): key for key in keys}
    signers = []
    for name, key_id, signature in note.signatures:
        key = known.get((name, key_id))
        if key is None:
            continue
        require(
            key.signed(note.text.encode(), signature),
            f"the signature of {name} is wrong",
            where=where,
            todo="The text was changed after it was signed, or was never signed by that key.",
        )
        signers.append(key)
    if not signers:
        names = ", ".join(f"{name}+{key_id.hex()}" for name, key_id, _ in note.signatures)
        raise LogFault(
            f"is not signed by a known key (signed by {names})",
            where=where,
            todo="The key changed without a statement of the old one, or the log is another.",
        )
    return note.text, tuple(signers)
