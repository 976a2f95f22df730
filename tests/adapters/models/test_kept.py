"""Kept calls: asked once, replayed without a server, damaged ones noticed, private."""

from __future__ import annotations

import resource
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.adapters.models.client import Exchange
from sovereign_registry.adapters.models.kept import CallStore, KeptModels
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import ModelFailure, RegistryError
from tests.adapters.models.making import chat_call, client, embed_call
from tests.model_server import (
    Fault,
    ModelScript,
    hashed_embedding,
    honest_reviewer,
    serve_models,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sovereign_registry.contracts.calls import ChatCall, EmbedCall


def _script(*faults: Fault) -> ModelScript:
    return ModelScript(chat=honest_reviewer(), embed=hashed_embedding(8), faults=list(faults))


def test_an_answered_call_is_never_sent_again(tmp_path: Path) -> None:
    """The reply of the second time is the kept one, for chats and for embeddings."""
    with serve_models(_script()) as world, client(world) as models:
        kept = KeptModels(CallStore(tmp_path / "calls"), models)
        first = kept.chat(chat_call()), kept.embed(embed_call("a", "b"))
        second = kept.chat(chat_call()), kept.embed(embed_call("a", "b"))
        assert 2 == len(world.requests)
    assert first == second


def test_a_second_attempt_is_another_call(tmp_path: Path) -> None:
    """A reply that could not be used is kept beside the one to the second attempt."""
    with serve_models(_script()) as world, client(world) as models:
        kept = KeptModels(CallStore(tmp_path / "calls"), models)
        kept.chat(chat_call())
        kept.chat(chat_call(attempt=2))
        assert 2 == len(world.requests)


def test_a_replay_needs_no_server(tmp_path: Path) -> None:
    """The same replies come from the folder alone; what is not there fails and says so."""
    store = CallStore(tmp_path / "calls")
    with serve_models(_script()) as world, client(world) as models:
        asked = KeptModels(store, models).chat(chat_call())
    replay = KeptModels(store, None)
    assert asked == replay.chat(chat_call())
    with pytest.raises(ModelFailure, match="without --replay") as caught:
        replay.chat(chat_call(seed=8))
    assert CallFault.NOT_KEPT == caught.value.fault


def test_failures_are_not_kept(tmp_path: Path) -> None:
    """A call without a usable reply is sent again the next time."""
    store = CallStore(tmp_path / "calls")
    with serve_models(_script(Fault("html"))) as world, client(world) as models:
        kept = KeptModels(store, models)
        with pytest.raises(ModelFailure):
            kept.chat(chat_call())
        assert [] == list(store.calls())
        assert "stop" == kept.chat(chat_call()).finish


@pytest.mark.parametrize("damage", ["cut", "reply", "call", "empty", "nonsense", "other"])
def test_damaged_files_count_as_not_kept_and_are_named(tmp_path: Path, damage: str) -> None:
    """Whatever was changed: the call is sent again, its file replaced, and it is said."""
    notes: list[str] = []
    store = CallStore(tmp_path / "calls", notes.append)
    with serve_models(_script()) as world, client(world) as models:
        kept = KeptModels(store, models)
        kept.chat(chat_call())
        (file,) = (tmp_path / "calls").iterdir()
        text = file.read_text()
        changed = {
            "cut": text[:-40],
            "reply": text.replace("stop", "step"),
            "call": text.replace("SKEPTIC", "SKEPTIK"),
            "empty": "",
            "nonsense": "[" * 100_000,
        }
        if damage == "other":
            kept.chat(chat_call(seed=8))
            other = next(one for one in (tmp_path / "calls").iterdir() if one != file)
            file.write_bytes(other.read_bytes())
        else:
            assert text != changed[damage]
            file.write_text(changed[damage])
        world.requests.clear()
        assert "stop" == kept.chat(chat_call()).finish
        assert 1 == len(world.requests)
        assert "stop" == KeptModels(store, None).chat(chat_call()).finish
    assert notes
    assert "counts as not kept" in notes[0]
    assert file.name in notes[0]


def test_folder_and_files_are_their_owners_only(tmp_path: Path) -> None:
    """Modes 0700 and 0600; nothing else is left in the folder."""
    folder = tmp_path / "runs" / "sr-1" / "calls"
    with serve_models(_script()) as world, client(world) as models:
        KeptModels(CallStore(folder), models).chat(chat_call())
    (file,) = folder.iterdir()
    assert f"{chat_call().sha256}.json" == file.name
    modes = [path.stat().st_mode & 0o777 for path in (file, folder, folder.parent)]
    assert [0o600, 0o700, 0o700] == modes


def test_files_hold_no_header_address_or_time(tmp_path: Path) -> None:
    """Request and reply as sent, and nothing that tells where or when."""
    with serve_models(_script()) as world, client(world) as models:
        KeptModels(CallStore(tmp_path / "calls"), models).chat(chat_call())
        (file,) = (tmp_path / "calls").iterdir()
        text = file.read_text()
        port = world.url.split(":")[2].split("/")[0]
    assert not [word for word in ("127.0.0.1", port, "authorization") if word in text.lower()]
    assert {
        "contract",
        "kind",
        "service",
        "chat",
        "embed",
        "request",
        "reply",
        "reply_sha256",
    } == set(msgspec.json.decode(text)["kept"])


def test_who_keeps_first_decides(tmp_path: Path) -> None:
    """Two processes with the same call use the same reply, the one that was kept first."""
    ours, theirs = CallStore(tmp_path / "calls"), CallStore(tmp_path / "calls")

    class Racing:
        service = "nim"

        def send(self, call: ChatCall | EmbedCall) -> Exchange:
            reply = b'{"choices": [{"message": {"content": "%s"}}]}'
            theirs.put(call, "nim", Exchange(request=b"{}", reply=reply % b"theirs"))
            return Exchange(request=b"{}", reply=reply % b"ours")

    assert "theirs" == KeptModels(ours, Racing()).chat(chat_call()).text


def test_calls_are_listed_for_an_audit(tmp_path: Path) -> None:
    """Model, purpose, tokens and digests of every call, ordered by digest."""
    store = CallStore(tmp_path / "calls")
    with serve_models(_script()) as world, client(world) as models:
        kept = KeptModels(store, models)
        said = kept.chat(chat_call())
        kept.embed(embed_call("a", "b"))
    rows = list(store.calls())
    assert sorted(row.sha256 for row in rows) == [row.sha256 for row in rows]
    by_kind = {row.kind: row for row in rows}
    assert (said.sha256, "role_reply, attempt 1") == (
        by_kind["chat"].reply_sha256,
        by_kind["chat"].purpose,
    )
    assert ("texts to embed as query: 2", 2) == (
        by_kind["embed"].purpose,
        by_kind["embed"].prompt_tokens,
    )


def test_many_threads_keep_whole_files(tmp_path: Path) -> None:
    """Every call of a crowd is kept, and none is damaged."""
    notes: list[str] = []
    store = CallStore(tmp_path / "calls", notes.append)
    with serve_models(_script()) as world, client(world) as models, ThreadPoolExecutor(8) as pool:
        kept = KeptModels(store, models)
        list(pool.map(kept.chat, [chat_call(seed=number % 20) for number in range(40)]))
    assert (20, []) == (len(list(store.calls())), notes)


@contextmanager
def _full_disk(room: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the kernel refuses the write in the middle."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_full_disk_is_one_error_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    """The write that fails in the middle leaves no file; what was kept before is whole."""
    store = CallStore(tmp_path / "calls")
    with serve_models(_script()) as world, client(world) as models:
        kept = KeptModels(store, models)
        kept.chat(chat_call())
        with _full_disk(700), pytest.raises(RegistryError, match="cannot be kept") as caught:
            kept.chat(chat_call(seed=8))
        assert not isinstance(caught.value, ModelFailure)
        assert [chat_call().sha256] == [row.sha256 for row in store.calls()]
        assert 1 == len(list((tmp_path / "calls").iterdir()))
        assert "stop" == kept.chat(chat_call(seed=8)).finish


def test_nothing_is_sent_where_nothing_can_be_kept(tmp_path: Path) -> None:
    """A folder that cannot be made is told before a reply is paid for."""
    (tmp_path / "runs").write_text("a file in the way")
    with serve_models(_script()) as world, client(world) as models:
        kept = KeptModels(CallStore(tmp_path / "runs" / "calls"), models)
        with pytest.raises(RegistryError, match="cannot be kept"):
            kept.chat(chat_call())
        assert [] == world.requests
