"""Whole runs whose reviewers or extractor are models on the loopback server, over real HTTP."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.evidence import Evidence
from sovereign_registry.pipeline.conduct import complete, prepare
from sovereign_registry.wiring.live import live_config
from sovereign_registry.wiring.live_options import LiveOptions
from sovereign_registry.wiring.live_review import with_panel
from sovereign_registry.wiring.models import live_servers
from tests.model_server import serve_models
from tests.world import CONFIG, QUESTION, FakeSearch, library, world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pytest

    from sovereign_registry.contracts.papers import Paper
    from sovereign_registry.pipeline.run import Run
    from tests.model_server import ModelScript, ModelWorld

MODEL = "org/judge-1"


class Desk:
    """One registry's private folder and the server that its runs ask."""

    def __init__(self, root: Path, models: ModelWorld) -> None:
        self.root = root
        self.models = models
        self.notes: list[str] = []

    def options(self, **changes: Any) -> LiveOptions:  # noqa: ANN401 - any option
        """A panel of one model on this desk's server, without waiting between requests."""
        usual: dict[str, Any] = {
            "reviewers": "openai",
            "models": (("", MODEL),),
            "model_url": self.models.url,
            "rate": 60_000.0,
        }
        return LiveOptions(**(usual | changes))

    def run(
        self,
        papers: Sequence[Paper] = (),
        question: str = QUESTION,
        config: dict[str, Any] | None = None,
        **options: Any,  # noqa: ANN401 - any option
    ) -> Run:
        """Answer the question from the library and these papers besides."""
        live = self.options(**options)
        settings = live_config(live)
        resolved = msgspec.structs.replace(CONFIG, **settings, **(config or {}))
        embedded = world(search=FakeSearch((*library(), *papers)))
        named = with_panel(embedded, settings)
        prepared = prepare(question, named, resolved, None)
        with live_servers(self.root, prepared.id, live, self.notes.append) as servers:
            ports = with_panel(named, settings, servers, prepared.id)
            run = complete(prepared, ports)
        self.notes += ports.progress.notes  # type: ignore[attr-defined]
        return run


@contextmanager
def desk(root: Path, script: ModelScript, patch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose waiting for rate limits is kept below its own folder."""
    patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
    with serve_models(script) as models:
        yield Desk(root, models)


def evidence_of(run: Run) -> Evidence:
    """The run's evidence artifact."""
    return msgspec.json.decode(dict(run.artifacts)["evidence.json"], type=Evidence)
