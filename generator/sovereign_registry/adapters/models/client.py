"""The HTTP client of model servers: many calls in flight, their starts spaced, their failures told.

One thread runs an event loop with one connection pool; ``chat`` and ``embed`` are plain calls that
any thread may make (see ADR 0004).  A call is tried again on 408, 429, 5xx and broken connections,
and on nothing else: whatever else a server says, it would say again.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sovereign_registry.adapters.models import protocol
from sovereign_registry.adapters.models.address import require_safe
from sovereign_registry.adapters.models.failures import Retryable, SchemaRefused
from sovereign_registry.adapters.models.wire import Limits, Wire
from sovereign_registry.contracts.calls import CallFault, ChatCall
from sovereign_registry.contracts.errors import ModelFailure

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sovereign_registry.adapters.models.address import Address
    from sovereign_registry.adapters.models.budget import Budget
    from sovereign_registry.adapters.models.secret import Secret
    from sovereign_registry.adapters.models.services import Service
    from sovereign_registry.adapters.models.spacing import Spacing
    from sovereign_registry.contracts.calls import ChatReply, EmbedCall, EmbedReply


@dataclass(frozen=True)
class Exchange:
    """One request and the reply to it, as they went over the wire; the reply was found usable."""

    request: bytes
    reply: bytes


def _say_nothing(_text: str) -> None:
    """Nobody asked to be told."""


class HttpModels:
    """A ModelServer over HTTP; a context manager, which closes its connections.

    Args:
        service: NIM, or any server of OpenAI's protocol.
        address: Its base address.
        key: Sent as a bearer token; None sends none.
        spacing: Spaces the starts of requests; None sends at once.
        budget: Counts what is sent; None counts nothing.
        limits: How long and how often is waited.
        note: Told why a request is sent again.

    Raises:
        UsageError: the key would travel unencrypted.
    """

    def __init__(  # noqa: PLR0913 - all of it is the caller's to choose
        self,
        service: Service,
        address: Address,
        *,
        key: Secret | None = None,
        spacing: Spacing | None = None,
        budget: Budget | None = None,
        limits: Limits | None = None,
        note: Callable[[str], None] = _say_nothing,
    ) -> None:
        require_safe(address, key)
        self._service = service
        self._host = address.host
        self._spacing = spacing
        self._budget = budget
        self._limits = limits or Limits()
        self._note = note
        self._wire = Wire(service, address, key, self._limits)
        self._schemaless: set[str] = set()
        self._queue = asyncio.Lock()
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False

    def __repr__(self) -> str:
        return f"HttpModels({self._service.name}, {self._host})"

    @property
    def service(self) -> str:
        """``nim`` or ``openai``."""
        return self._service.name

    def chat(self, call: ChatCall) -> ChatReply:
        """Answer one chat call.

        Raises:
            ModelFailure: there is no usable reply.
        """
        return protocol.read_chat(self.send(call).reply, self._where(call))

    def embed(self, call: EmbedCall) -> EmbedReply:
        """Answer one embedding call.

        Raises:
            ModelFailure: there is no usable reply.
        """
        return protocol.read_embeddings(self.send(call).reply, len(call.texts), self._where(call))

    def send(self, call: ChatCall | EmbedCall) -> Exchange:
        """Send a call until it is answered; the reply was read once and found usable.

        Raises:
            ModelFailure: there is no usable reply.
            KeyboardInterrupt: ``interrupt`` was called, or the user interrupted this thread.
        """
        loop = self._running()
        future = asyncio.run_coroutine_threadsafe(self._answered(call), loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise KeyboardInterrupt from None
        except KeyboardInterrupt:
            future.cancel()
            raise

    def interrupt(self) -> None:
        """Give up all calls that wait or are in flight, and take no more; for signal handlers."""
        self._stopped = True
        if (loop := self._loop) is not None and not loop.is_closed():
            loop.call_soon_threadsafe(_cancel_all, loop)

    def close(self) -> None:
        """Close the connections; calls in flight are given up."""
        with self._guard:
            self._stopped = True
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._shut(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _where(self, call: ChatCall | EmbedCall) -> str:
        return f"{self._host}/{protocol.path_of(call)}"

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop, started on the first call.

        Raises:
            KeyboardInterrupt: the calls were interrupted, or the connections are closed.
        """
        with self._guard:
            if self._stopped:
                raise KeyboardInterrupt
            if self._loop is None:
                loop = asyncio.new_event_loop()
                thread = threading.Thread(target=loop.run_forever, name="models", daemon=True)
                thread.start()
                self._loop, self._thread = loop, thread
            return self._loop

    async def _shut(self) -> None:
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._wire.close()

    async def _answered(self, call: ChatCall | EmbedCall) -> Exchange:
        """Try until there is an answer, an error that stays, or no patience left."""
        loop = asyncio.get_running_loop()
        where, tries, failed_at = self._where(call), 0, 0.0
        while not self._stopped:
            request = self._body(call)
            try:
                reply = await self._sent_once(call, request, where)
            except SchemaRefused as refused:
                self._drop_schema(call, request, refused, where)
                continue
            except Retryable as failure:
                tries += 1
                failed_at = failed_at or loop.time()
                wait = max(failure.wait, self._backoff(call, tries))
                self._tell_all(failure, wait)
                self._require_patience(failure, wait, tries, loop.time() - failed_at, where)
                self._note(f"{where}: {failure.what}; trying again in {wait:.0f} s")
                await asyncio.sleep(wait)
                continue
            return Exchange(request=request, reply=reply)
        raise asyncio.CancelledError

    async def _sent_once(self, call: ChatCall | EmbedCall, request: bytes, where: str) -> bytes:
        self._wire.open()
        await self._turn(where)
        if self._budget:
            self._budget.take()
        reply = await self._wire.post(
            protocol.path_of(call), request, model=call.model, where=where, turn=self._turn
        )
        tokens = _tokens(call, reply, where)
        if self._budget:
            self._budget.add_tokens((len(request) + len(reply)) // 4 if tokens is None else tokens)
        return reply

    def _body(self, call: ChatCall | EmbedCall) -> bytes:
        if isinstance(call, ChatCall):
            return protocol.chat_body(call, with_schema=call.model not in self._schemaless)
        return protocol.embed_body(call, self._service)

    def _drop_schema(
        self, call: ChatCall | EmbedCall, request: bytes, refused: SchemaRefused, where: str
    ) -> None:
        """Ask this model without a schema from now on; replies are validated locally anyway."""
        if not isinstance(call, ChatCall) or b'"response_format"' not in request:
            raise ModelFailure(
                f"the server refuses the request: {refused}",
                fault=CallFault.REFUSED,
                where=where,
                todo="Check the model's id, its limits and its parameters.",
            ) from refused
        if call.model not in self._schemaless:  # calls that were in flight at once are refused too
            self._schemaless.add(call.model)
            self._note(f"{where}: {call.model} takes no JSON Schema; asking without it")

    async def _turn(self, where: str) -> None:
        """Wait for the right to start; first come, first served within the process."""
        if self._spacing is None:
            return
        longest = max(self._limits.longest_wait, self._spacing.interval + 1)
        async with self._queue:
            while wait := self._spacing.take():
                if wait > longest:
                    raise ModelFailure(
                        f"the server asked this account to wait for another {wait:.0f} seconds",
                        fault=CallFault.UNAVAILABLE,
                        where=where,
                        todo="Run the same command after that: what was answered is kept.",
                    )
                await asyncio.sleep(wait)

    def _tell_all(self, failure: Retryable, wait: float) -> None:
        if failure.limit and self._spacing:
            self._spacing.hold(wait)

    def _require_patience(
        self, failure: Retryable, wait: float, tries: int, spent: float, where: str
    ) -> None:
        limits = self._limits
        if failure.wait > limits.longest_wait:
            asked = f" and asks to wait for {failure.wait:.0f} seconds"
        elif tries >= limits.tries and not failure.limit:
            asked = f", also at the last of {tries} tries"
        elif spent + wait > limits.patience:
            asked = f", for {spent:.0f} seconds by now"
        else:
            return
        raise ModelFailure(
            f"no answer: {failure.what}{asked}",
            fault=CallFault.UNAVAILABLE,
            where=where,
            todo="Run the same command later: what was answered is kept and not asked again.",
        ) from failure

    def _backoff(self, call: ChatCall | EmbedCall, tries: int) -> float:
        """Twice as long each time; the spread derives from the call, so a rerun waits the same."""
        full = min(self._limits.longest_backoff, self._limits.backoff * 2.0 ** (tries - 1))
        digest = hashlib.sha256(f"{call.sha256}/{tries}".encode()).digest()
        return full * (0.5 + digest[0] / 510)


def _tokens(call: ChatCall | EmbedCall, reply: bytes, where: str) -> int | None:
    """What the server counted; reads the whole reply and so finds whether it is usable."""
    if not isinstance(call, ChatCall):
        return protocol.read_embeddings(reply, len(call.texts), where).tokens
    found = protocol.read_chat(reply, where)
    if found.prompt_tokens is None or found.completion_tokens is None:
        return None
    return found.prompt_tokens + found.completion_tokens


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
