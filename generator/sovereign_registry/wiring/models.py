"""Which model server answers whom, with which key, within which limits."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.calls import ModelId
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.contracts.review import Role
from sovereign_registry.wiring.live_options import SERVICES
from sovereign_registry.wiring.ports import user_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from sovereign_registry.adapters.models.address import Address
    from sovereign_registry.adapters.models.client import HttpModels
    from sovereign_registry.adapters.models.kept import CallSummary
    from sovereign_registry.adapters.models.secret import Secret
    from sovereign_registry.contracts.ports import ModelServer
    from sovereign_registry.wiring.live_options import LiveOptions

URL = "SOVEREIGN_MODEL_URL"
KEY = "SOVEREIGN_MODEL_KEY"
EMBEDDING_KEY = "SOVEREIGN_EMBEDDING_KEY"
NVIDIA_KEY = "NVIDIA_API_KEY"
MAX_RATE = 100_000.0
_KEY_SHAPE = re.compile(r"[\x21-\x7e]{1,4096}")


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The servers of one run; None where the embedded default is used instead."""

    reviewers: ModelServer | None = None
    extractor: ModelServer | None = None
    embedder: ModelServer | None = None


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where calls of one part go."""

    service: str
    address: Address
    key: Secret | None


def calls_folder(root: Path, record_id: str) -> Path:
    """Where the calls of a run are kept, private to the registry's owner."""
    return root / ".sovereign" / "runs" / record_id / "calls"


def kept_calls(root: Path, record_id: str, note: Callable[[str], None]) -> list[CallSummary]:
    """What is kept of a run's calls, ordered by digest.

    Raises:
        UsageError: nothing is kept for such a record, or a library is not installed.
    """
    from sovereign_registry.adapters.models.kept import CallStore  # noqa: PLC0415 - quick start

    if not re.match(RECORD_ID_PATTERN, record_id) or not calls_folder(root, record_id).is_dir():
        raise UsageError(
            f"no calls are kept for {record_id[:60]!r}",
            todo="Only runs with model servers keep calls, in the registry's .sovereign folder.",
        )
    return list(CallStore(calls_folder(root, record_id), note).calls())


def check_live(live: LiveOptions) -> None:
    """Check all that can be wrong before anything is sent.

    Raises:
        UsageError: an unknown service, a missing or impossible model id, address or key, a rate
            or a budget that allows nothing.
    """
    for option, value, default in (
        ("--reviewers", live.reviewers, "rubric"),
        ("--extractor", live.extractor, "rule"),
        ("--embedder", live.embedder, "lsa"),
    ):
        if value != default and value not in SERVICES:
            known = ", ".join((default, *SERVICES))
            raise UsageError(f"there is no {value!r}", where=option, todo=f"Use one of {known}.")
    if not 0 < live.rate <= MAX_RATE:
        raise UsageError(
            f"{live.rate} requests a minute", where="--rate", todo="Give a number above 0."
        )
    if not 0 < live.timeout < float("inf"):
        raise UsageError(
            f"{live.timeout} seconds", where="--model-timeout", todo="Give a number above 0."
        )
    _check_models(live)
    for part in ("reviewers", "extractor", "embedder"):
        _place(live, part)


def require_used(live: LiveOptions) -> None:
    """Check that no model is named for a part that asks none.

    Raises:
        UsageError: it would be left out silently.
    """
    for option, named, part, value in (
        ("--model", bool(live.models), "--reviewers", live.reviewers),
        ("--extractor-model", bool(live.extractor_model), "--extractor", live.extractor),
        ("--embedding-model", bool(live.embedding_model), "--embedder", live.embedder),
    ):
        if named and value not in SERVICES:
            raise UsageError(
                f"names a model, and {part} {value} asks none",
                where=option,
                todo=f"Give {part} nim or {part} openai too, or leave {option} out.",
            )


def _check_models(live: LiveOptions) -> None:
    if live.reviewers in SERVICES:
        for role in Role:
            _check_id(live.model_for(role), "--model")
    if live.extractor in SERVICES:
        _check_id(live.extractor_model, "--extractor-model")
    if live.embedder in SERVICES:
        _check_id(live.embedding_model, "--embedding-model")


def _check_id(value: str | None, option: str) -> None:
    if not value:
        raise UsageError(
            "no model is named",
            where=option,
            todo=f"Name one: {option} ID. There is no default: hosted models come and go within "
            "months, and each record names the one that it used.",
        )
    try:
        msgspec.convert(value, ModelId)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{value[:130]!r} is no model id",
            where=option,
            todo="An id has up to 120 letters, digits and . : / @ + - _",
        ) from error


@contextmanager
def live_servers(
    root: Path, record_id: str, live: LiveOptions, note: Callable[[str], None]
) -> Iterator[Servers]:
    """The servers that a run asks, each of which answers from the run's kept calls first.

    Args:
        root: The registry's folder.
        record_id: Names the run's private folder.
        live: What the user chose.
        note: Told of waiting, of tries, and of damaged files.

    Raises:
        UsageError: as for ``check_live``, or the research libraries are not installed.
    """
    if not live.asks_models:
        yield Servers()
        return
    check_live(live)
    from sovereign_registry.adapters.models.kept import CallStore, KeptModels  # noqa: PLC0415

    store = CallStore(calls_folder(root, record_id), note)
    with ExitStack() as stack:
        clients: dict[_Place, HttpModels] = {}
        found: dict[str, ModelServer] = {}
        for part in ("reviewers", "extractor", "embedder"):
            place = _place(live, part)
            if place is None:
                continue
            if not live.replay and place not in clients:
                clients[place] = stack.enter_context(_client(place, live, note))
            found[part] = KeptModels(store, None if live.replay else clients[place])
        stack.enter_context(_prompt_interrupt(list(clients.values())))
        yield Servers(**found)


def _place(live: LiveOptions, part: str) -> _Place | None:
    """Where a part's calls go; None where it asks no model.

    Raises:
        UsageError: the address is missing or unfit, or the key is missing.
    """
    service = {
        "reviewers": live.reviewers,
        "extractor": live.extractor,
        "embedder": live.embedder,
    }[part]
    if service not in SERVICES:
        return None
    from sovereign_registry.adapters.models.address import address_of, require_safe  # noqa: PLC0415
    from sovereign_registry.adapters.models.services import SERVICES as ROWS  # noqa: PLC0415

    option, own = ("--embedding-url", live.embedding_url) if part == "embedder" else ("", None)
    shared = live.model_url or os.environ.get(URL) or None
    url = own or shared or ROWS[service].default_url
    option = option if own else "--model-url"
    if url is None:
        if live.replay:
            url = "http://127.0.0.1"  # nothing is sent
        else:
            raise UsageError(
                "the server's address is missing",
                where=option,
                todo=f"Give it, such as --model-url http://127.0.0.1:8000/v1, or set {URL}.",
            )
    address = address_of(url, option)
    if live.replay:
        return _Place(service=service, address=address, key=None)
    chat = next((name for name in (live.reviewers, live.extractor) if name in SERVICES), None)
    others = shared or (ROWS[chat].default_url if chat else None)
    same = own is None or others is None or address_of(others).host == address.host
    key = _key(address, embedding=part == "embedder", same_host=same)
    require_safe(address, key, option)
    return _Place(service=service, address=address, key=key)


def _key(address: Address, *, embedding: bool, same_host: bool) -> Secret | None:
    """The key for an address, from the environment; never that of another host.

    Raises:
        UsageError: the host needs one and there is none, or it cannot be a key.
    """
    from sovereign_registry.adapters.models.address import is_nvidia  # noqa: PLC0415
    from sovereign_registry.adapters.models.secret import Secret  # noqa: PLC0415

    names = [EMBEDDING_KEY] if embedding else []
    names += [KEY] if same_host else []
    names += [NVIDIA_KEY] if is_nvidia(address) else []
    for name in names:
        value = os.environ.get(name, "").strip()
        if not value:
            continue
        if not _KEY_SHAPE.fullmatch(value):
            raise UsageError(
                "the key holds a blank or a character that no key has",
                where=name,
                todo="Copy it again; it is not shown here.",
            )
        return Secret(value)
    if is_nvidia(address):
        raise UsageError(
            f"there is no key for {address.host}",
            where="environment",
            todo=f"Set {names[0]} or {NVIDIA_KEY}; --replay needs no key.",
        )
    return None


def _client(place: _Place, live: LiveOptions, note: Callable[[str], None]) -> HttpModels:
    try:
        from sovereign_registry.adapters.models.client import HttpModels  # noqa: PLC0415
        from sovereign_registry.adapters.models.wire import Limits  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the library {error.name} is not installed",
            todo='Runs need the research libraries: pip install "sovereign-registry[research]".',
        ) from error
    from sovereign_registry.adapters.models.budget import Budget  # noqa: PLC0415
    from sovereign_registry.adapters.models.services import SERVICES as ROWS  # noqa: PLC0415
    from sovereign_registry.adapters.models.spacing import Spacing  # noqa: PLC0415

    budget = (
        Budget(Path(live.budget_file), live.max_requests, live.max_tokens)
        if live.budget_file
        else None
    )
    return HttpModels(
        ROWS[place.service],
        place.address,
        key=place.key,
        spacing=Spacing(_spacing_file(place), live.rate),
        budget=budget,
        limits=Limits(whole=live.timeout),
        note=note,
    )


def _spacing_file(place: _Place) -> Path:
    """One file an account: the host and eight characters of the key's digest."""
    host = hashlib.sha256(place.address.host.encode()).hexdigest()[:12]
    account = place.key.prefix if place.key else "no-key"
    return user_cache() / "models" / f"{host}-{account}.next"


@contextmanager
def _prompt_interrupt(clients: list[HttpModels]) -> Iterator[None]:
    """Let Ctrl-C end calls that wait in other threads, not only the main thread's.

    A pool of threads is left only when its threads are done, which a call that waits for its turn
    or for a slow model would delay by minutes.
    """
    usual = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    if not clients or not is_main or usual is not signal.default_int_handler:
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for client in clients:
            client.interrupt()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
