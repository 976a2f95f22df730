"""The options that name model servers and full texts; ``run`` and ``batch`` share them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sovereign_registry.wiring.live_options import LiveOptions, parse_models

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

_NAMES = (
    "reviewers",
    "models",
    "model_url",
    "extractor",
    "extractor_model",
    "embedder",
    "embedding_model",
    "embedding_url",
    "embedding_dimension",
    "truncate",
    "near_at",
    "even_if_near",
    "texts",
    "replay",
    "rate",
    "seed",
    "timeout",
)

_OPTIONS = (
    click.option(
        "--reviewers",
        type=click.Choice(["rubric", "nim", "openai"]),
        default="rubric",
        show_default=True,
        help="Who judges the draft: the deterministic rubric, or language models on a NIM or an "
        "OpenAI-compatible server, with the rubric beside them as a control.",
    ),
    click.option(
        "--model",
        "models",
        multiple=True,
        metavar="[ROLE=]ID",
        help="The reviewers' model; for all roles, or for one: --model SKEPTIC=ID. Repeatable.",
    ),
    click.option(
        "--model-url",
        metavar="URL",
        help="Base address of the model server, ending in /v1; env SOVEREIGN_MODEL_URL. For nim "
        "the default is NVIDIA's hosted service.",
    ),
    click.option(
        "--extractor",
        type=click.Choice(["rule", "nim", "openai"]),
        default="rule",
        show_default=True,
        help="Who chooses the sentences that become claims: a rule, or a model that must quote.",
    ),
    click.option("--extractor-model", metavar="ID", help="The extractor's model."),
    click.option(
        "--embedder",
        type=click.Choice(["lsa", "nim", "openai"]),
        default="lsa",
        show_default=True,
        help="What orders texts by meaning: LSA, computed here, or an embedding model.",
    ),
    click.option("--embedding-model", metavar="ID", help="The embedder's model."),
    click.option(
        "--embedding-url",
        metavar="URL",
        help="Base address of the embedding server, where it is not the one of --model-url.",
    ),
    click.option(
        "--embedding-dimension",
        type=click.IntRange(1, 65_536),
        metavar="N",
        help="Length that the embedding model's vectors must have; otherwise what it gives, "
        "recorded.",
    ),
    click.option(
        "--truncate",
        type=click.Choice(["NONE", "START", "END"]),
        default="END",
        show_default=True,
        help="What a NIM embedder does with a text over its limit: refuse it, or cut start or end.",
    ),
    click.option(
        "--near-at",
        default="0.9",
        show_default=True,
        metavar="COSINE",
        help="How near two questions lie by the embedding model to count as near-duplicates.",
    ),
    click.option(
        "--even-if-near",
        is_flag=True,
        help="Ask model servers although the registry holds the question, or nearly so.",
    ),
    click.option(
        "--texts",
        type=click.Choice(["abstract", "full"]),
        default="abstract",
        show_default=True,
        help="What of a paper is read.",
    ),
    click.option(
        "--replay",
        is_flag=True,
        help="Ask no model server: answer from the calls that earlier runs kept. Needs no key.",
    ),
    click.option(
        "--rate",
        type=float,
        default=40.0,
        show_default=True,
        metavar="REQUESTS",
        help="Requests a minute that the account allows; shared by all runs of this user.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, 2**31 - 1),
        default=0,
        show_default=True,
        help="Sent to chat models, and what shuffles claims and passages; recorded.",
    ),
    click.option(
        "--model-timeout",
        "timeout",
        type=float,
        default=300.0,
        show_default=True,
        metavar="SECONDS",
        help="How long one reply may take.",
    ),
)


def live_options(command: F) -> F:
    """Add the options to a command, which gets them as one argument, ``live``."""

    @functools.wraps(command)
    def gathered(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as click calls it
        chosen = {name: kwargs.pop(name) for name in _NAMES}
        chosen["models"] = parse_models(chosen["models"])
        return command(*args, live=LiveOptions(**chosen), **kwargs)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered  # type: ignore[return-value]  # the same command, with fewer arguments
