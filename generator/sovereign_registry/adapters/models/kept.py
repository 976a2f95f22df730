"""Every answered call kept in the run's private folder: resume, replay, audit.

One file a call, named by the call's digest and written in one step before its reply is used, so a
run that was killed asks nothing twice.  A file holds the request and the reply as they went over
the wire, never headers, addresses, keys or times.  Its digest tells damage: a damaged file counts
as not kept, and that is said.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

import msgspec

from sovereign_registry.adapters.models import protocol
from sovereign_registry.contracts.calls import CallFault, ChatCall, ChatReply, EmbedCall, EmbedReply
from sovereign_registry.contracts.canonical import Sha256, canonical_json, content_sha256
from sovereign_registry.contracts.errors import ModelFailure, RegistryError
from sovereign_registry.contracts.first_use import look_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sovereign_registry.adapters.models.client import Exchange

MAX_BYTES = 128 * 1024 * 1024
"""Larger than any file that is written here: a reply is capped at 32 MiB."""

ROOM_BYTES = 16 * 1024 * 1024
"""Free space below which nothing is sent: a reply that cannot be kept would be paid twice."""


class KeptCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One call and the reply to it; private to the registry's owner."""

    contract: Literal["model-call-v1"] = "model-call-v1"
    kind: Literal["chat", "embed"]
    service: str
    """``nim`` or ``openai``."""
    chat: ChatCall | None
    embed: EmbedCall | None
    """One of the two is the call, the other one null."""
    request: str
    """The request's body as sent."""
    reply: str
    """The reply's body as received."""
    reply_sha256: Sha256


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a file holds."""

    kept: KeptCall
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    """Digest of the canonical JSON of ``kept``."""


look_at(_File)


class CallSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an audit."""

    sha256: str
    """Digest of the call, which names its file."""
    kind: str
    service: str
    model: str
    """The model that was asked for."""
    answered_by: str
    """The model that the server says answered."""
    purpose: str
    """The schema's name and the attempt of a chat, the purpose and count of embedded texts."""
    finish: str
    prompt_tokens: int | None
    completion_tokens: int | None
    reply_sha256: str


class Sender(Protocol):
    """Whatever sends calls and gives the bytes of both ways; ``client.HttpModels``."""

    @property
    def service(self) -> str:
        """``nim`` or ``openai``."""
        ...

    def send(self, call: ChatCall | EmbedCall) -> Exchange:
        """Send a call; the reply was found usable."""
        ...


def _say_nothing(_text: str) -> None:
    """Nobody asked to be told."""


class CallStore:
    """The kept calls of one run.

    Args:
        folder: ``.sovereign/runs/<record id>/calls``; made on the first write, for its owner only.
        note: Told of damaged files.
    """

    def __init__(self, folder: Path, note: Callable[[str], None] = _say_nothing) -> None:
        self._folder = folder
        self._note = note

    @property
    def folder(self) -> Path:
        """Where the calls are kept."""
        return self._folder

    def get(self, call: ChatCall | EmbedCall) -> KeptCall | None:
        """The kept call, or None where there is none, or none that is whole."""
        path = self._path(call.sha256)
        kept = self._read(path)
        if kept is not None and _asked(kept) != call:
            self._note(f"{path}: holds another call than its name says; it counts as not kept")
            return None
        return kept

    def put(self, call: ChatCall | EmbedCall, service: str, exchange: Exchange) -> KeptCall:
        """Keep a reply; where another process kept one meanwhile, that one is returned.

        Raises:
            RegistryError: it cannot be written; nothing half-written is left.
        """
        kept = KeptCall(
            kind="chat" if isinstance(call, ChatCall) else "embed",
            service=service,
            chat=call if isinstance(call, ChatCall) else None,
            embed=call if isinstance(call, EmbedCall) else None,
            request=exchange.request.decode(),
            reply=exchange.reply.decode(),
            reply_sha256=hashlib.sha256(exchange.reply).hexdigest(),
        )
        data = canonical_json(_File(kept=kept, sha256=content_sha256(kept)))
        path = self._path(call.sha256)
        try:
            written = self._write(path, data)
        except OSError as error:
            raise self._unkept(error) from error
        if written:
            return kept
        return self.get(call) or self._replaced(path, data, kept)

    def require_room(self) -> None:
        """Check that a reply could be kept, before it is paid for.

        Raises:
            RegistryError: the folder cannot be written, or less than 16 MiB are free.
        """
        try:
            self._make_folder()
            stat = os.statvfs(self._folder)
            if stat.f_bavail * stat.f_frsize < ROOM_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301
        except OSError as error:
            raise self._unkept(error) from error

    def calls(self) -> Iterator[CallSummary]:
        """What was asked and answered, ordered by digest; damaged files are noted and left out."""
        for path in sorted(self._folder.glob("*.json")):
            if (kept := self._read(path)) is not None:
                yield _summary(path.stem, kept)

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.json"

    def _read(self, path: Path) -> KeptCall | None:
        try:
            if path.stat().st_size > MAX_BYTES:
                self._note(f"{path}: larger than any kept call; it counts as not kept")
                return None
            file = msgspec.json.decode(path.read_bytes(), type=_File)
            whole = (
                content_sha256(file.kept) == file.sha256
                and hashlib.sha256(file.kept.reply.encode()).hexdigest() == file.kept.reply_sha256
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            self._note(f"{path}: cannot be read ({type(error).__name__}); it counts as not kept")
            return None
        if not whole:
            self._note(f"{path}: was changed after it was written; it counts as not kept")
            return None
        return file.kept

    def _make_folder(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self._folder, self._folder.parent):  # mkdir gives parents the usual mode
            folder.chmod(0o700)

    def _write(self, path: Path, data: bytes) -> bool:
        """Write a new file in one step; False where there is one of that name."""
        self._make_folder()
        temporary = path.with_name(f".{path.stem}.{secrets.token_hex(6)}")
        try:
            _write_durably(temporary, data)
            os.link(temporary, path)  # unlike rename, never replaces what is there
        except FileExistsError:
            return False
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
        _sync_folder(self._folder)
        return True

    def _replaced(self, path: Path, data: bytes, kept: KeptCall) -> KeptCall:
        """Put the reply in the place of a damaged file."""
        temporary = path.with_name(f".{path.stem}.{secrets.token_hex(6)}")
        try:
            _write_durably(temporary, data)
            temporary.replace(path)
            _sync_folder(self._folder)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise self._unkept(error) from error
        return kept

    def _unkept(self, error: OSError) -> RegistryError:
        return RegistryError(
            f"a model's reply cannot be kept ({error.strerror})",
            where=str(self._folder),
            todo="Make room or writable, then run the same command: what was kept before is whole "
            "and is not asked again.",
        )


class KeptModels:
    """A ModelServer that answers from a store first and keeps what is new.

    Args:
        store: The run's calls.
        sender: Asked for what is not kept; None replays: whatever is not kept fails.
    """

    def __init__(self, store: CallStore, sender: Sender | None) -> None:
        self._store = store
        self._sender = sender

    def chat(self, call: ChatCall) -> ChatReply:
        """Answer one chat call.

        Raises:
            ModelFailure: there is no usable reply, or none is kept in a replay.
            RegistryError: the reply cannot be kept.
        """
        return protocol.read_chat(self._kept(call).reply.encode(), str(self._store.folder))

    def embed(self, call: EmbedCall) -> EmbedReply:
        """Answer one embedding call.

        Raises:
            ModelFailure: there is no usable reply, or none is kept in a replay.
            RegistryError: the reply cannot be kept.
        """
        reply = self._kept(call).reply.encode()
        return protocol.read_embeddings(reply, len(call.texts), str(self._store.folder))

    def _kept(self, call: ChatCall | EmbedCall) -> KeptCall:
        if kept := self._store.get(call):
            return kept
        if self._sender is None:
            raise ModelFailure(
                f"no reply of {call.model} to this call is kept ({call.sha256[:12]})",
                fault=CallFault.NOT_KEPT,
                where=str(self._store.folder),
                todo="Run without --replay to ask the server.",
            )
        self._store.require_room()
        return self._store.put(call, self._sender.service, self._sender.send(call))


def _asked(kept: KeptCall) -> ChatCall | EmbedCall | None:
    return kept.chat if kept.kind == "chat" else kept.embed


def _summary(sha256: str, kept: KeptCall) -> CallSummary:
    reply = kept.reply.encode()
    if (chat := kept.chat) is not None:
        said = protocol.read_chat(reply, sha256)
        return CallSummary(
            sha256=sha256,
            kind=kept.kind,
            service=kept.service,
            model=chat.model,
            answered_by=said.model,
            purpose=f"{chat.schema_name}, attempt {chat.attempt}",
            finish=said.finish,
            prompt_tokens=said.prompt_tokens,
            completion_tokens=said.completion_tokens,
            reply_sha256=kept.reply_sha256,
        )
    call = kept.embed
    texts = call.texts if call else ()
    vectors = protocol.read_embeddings(reply, len(texts), sha256)
    return CallSummary(
        sha256=sha256,
        kind=kept.kind,
        service=kept.service,
        model=call.model if call else "",
        answered_by=vectors.model,
        purpose=f"texts to embed as {call.purpose if call else 'nothing'}: {len(texts)}",
        finish="",
        prompt_tokens=vectors.tokens,
        completion_tokens=None,
        reply_sha256=kept.reply_sha256,
    )


def _write_durably(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
