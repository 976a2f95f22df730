"""A batch over real model requests, killed at any moment: the same bytes, nothing paid twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.agendas import ALIKE, QUESTIONS, write_agenda, written
from tests.cli.console import COMMAND, call, environment, new_registry
from tests.model_server import ModelScript, hashed, honest_reviewer, serve_models

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.model_server import ModelWorld

AGENDA = (QUESTIONS[0], ALIKE, *QUESTIONS[1:3])
MOMENTS = int(os.environ.get("SOVEREIGN_KILL_MOMENTS", "5"))


@pytest.fixture(scope="module")
def world() -> Iterator[ModelWorld]:
    """Honest reviewers that take a moment."""
    script = ModelScript(chat=honest_reviewer(8.0), embed=by_meaning, latency=0.1, dialect="openai")
    with serve_models(script) as found:
        yield found


def by_meaning(text: str, _kind: str) -> list[float]:
    """A vector by words, for a model that knows three pairs of words that mean the same."""
    for word, other in (("sparse", "thin"), ("models", "networks"), ("decide", "set")):
        text = text.lower().replace(word, other)
    return hashed(text, 32)


def command(root: Path, world: ModelWorld, *more: str) -> list[str]:
    """The batch as a user would start it."""
    agenda = write_agenda(root.parent / f"{root.name}.yaml", AGENDA)
    return [
        *("batch", str(agenda), "--registry", str(root), "--jobs", "2", "--rate", "60000"),
        *("--reviewers", "openai", "--model", "test/judge-8b", "--model-url", world.url),
        *("--even-if-near", *more),
    ]


def around(root: Path) -> dict[str, str]:
    """An environment with a cache of its own."""
    return {"XDG_CACHE_HOME": str(root.parent / "cache"), "SOVEREIGN_MODEL_KEY": ""}


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, world: ModelWorld
) -> tuple[dict[str, bytes], float, int]:
    """What a batch that nobody disturbed leaves, its seconds, and its requests."""
    root = new_registry(tmp_path_factory.mktemp("undisturbed") / "registry")
    began, before = time.monotonic(), len(world.requests)
    done = call(*command(root, world, "--json"), **around(root))
    assert 0 == done.returncode, done.stderr
    sent = len(world.requests) - before
    assert sent == json.loads(done.stdout)["requests"]
    assert sent == sum(row["requests"] for row in json.loads(done.stdout)["rows"])
    return written(root), time.monotonic() - began, sent


def kept(root: Path) -> list[str]:
    """The bodies of all requests whose reply was kept."""
    files = (root / ".sovereign" / "runs").glob("*/calls/*.json")
    return [json.loads(path.read_bytes())["kept"]["request"] for path in files]


@pytest.mark.parametrize("number", range(MOMENTS))
def test_a_killed_batch_is_made_good_by_the_next(
    tmp_path: Path,
    world: ModelWorld,
    undisturbed: tuple[dict[str, bytes], float, int],
    number: int,
) -> None:
    """SIGKILL at a random moment, run again: the same files, and no answered request again.

    Every second time all processes die, otherwise only the one that leads; its workers finish what
    they have begun, and the next batch waits for them.
    """
    expected, seconds, requests = undisturbed
    root = new_registry(tmp_path / "registry")
    moment = random.Random(number).uniform(0.1, 1.0) * seconds  # noqa: S311 - spreads moments
    before = len(world.requests)
    with subprocess.Popen(
        [*COMMAND, *command(root, world)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(**around(root)),
        start_new_session=True,
    ) as process:
        time.sleep(moment)
        if number % 2:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    answered, sent = kept(root), len(world.requests)
    assert {
        name: data for name, data in written(root).items() if name != "registry.yaml"
    }.items() <= expected.items()
    done = call(*command(root, world), **around(root))
    assert 0 == done.returncode, done.stderr
    assert expected == written(root)
    again = [json.dumps(seen.body, sort_keys=True) for seen in world.requests[sent:]]
    known = {json.dumps(json.loads(body), sort_keys=True) for body in answered}
    assert [] == [body for body in again if body in known]
    assert requests <= len(world.requests) - before <= requests + 6  # six were under way at most
    assert not any((root / ".sovereign" / "tmp").glob("*"))


def test_likeness_that_only_a_model_sees_changes_nothing_between_workers(
    tmp_path: Path, world: ModelWorld
) -> None:
    """One question is nearly the first by meaning alone: serially and over processes the same."""
    questions = (QUESTIONS[0], "How does routing set the cost of thin networks?", QUESTIONS[1])
    trees = []
    for backend in ("serial", "loky"):
        root = new_registry(tmp_path / backend)
        agenda = write_agenda(tmp_path / "agenda.yaml", questions)
        done = call(
            *("batch", str(agenda), "--registry", str(root), "--jobs", "3", "--rate", "60000"),
            *("--reviewers", "openai", "--model", "test/judge-8b", "--model-url", world.url),
            *("--embedder", "openai", "--embedding-model", "test/meaning", "--near-at", "0.8"),
            *("--even-if-near", "--backend", backend),
            **around(root),
        )
        assert 0 == done.returncode, done.stderr
        trees.append(written(root))
    assert trees[0] == trees[1]
    assert any(b"lies at cosine 1.0" in data for data in trees[0].values())


def test_a_batch_stops_when_its_budget_is_spent(
    tmp_path: Path, world: ModelWorld, undisturbed: tuple[dict[str, bytes], float, int]
) -> None:
    """Nothing beyond the budget is sent, exit 1; with a larger one the batch goes on."""
    expected, _, requests = undisturbed
    root, before = new_registry(tmp_path / "registry"), len(world.requests)
    done = call(*command(root, world, "--budget", "requests=7"), **around(root))
    assert 1 == done.returncode
    assert "the budget of 7 requests is spent" in done.stderr
    assert 7 == len(world.requests) - before
    assert written(root).items() <= expected.items()
    done = call(*command(root, world, "--budget", f"requests={requests}"), **around(root))
    assert 0 == done.returncode, done.stderr
    assert expected == written(root)
    assert requests == len(world.requests) - before
