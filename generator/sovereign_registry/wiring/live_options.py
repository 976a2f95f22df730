"""What a user chose of model servers and full texts; carried as one value, also between processes.

Addresses, limits and the replay stand here and change no record.  What can change a record's bytes
is resolved from here into the run's configuration (``contracts.live``).  A key is never here: the
process that sends reads it from its environment.
"""

from __future__ import annotations

from dataclasses import dataclass

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.review import Role

SERVICES = ("nim", "openai")


@dataclass(frozen=True, kw_only=True)
class LiveOptions:
    """The options of a live run; the defaults are the embedded ones, without any model."""

    reviewers: str = "rubric"
    """``rubric``, ``nim`` or ``openai``."""
    models: tuple[tuple[str, str], ...] = ()
    """(role, model id); the role is empty for all roles that are not named."""
    model_url: str | None = None
    """Base address of the reviewers' and the extractor's server."""
    extractor: str = "rule"
    """``rule``, ``nim`` or ``openai``."""
    extractor_model: str | None = None
    embedder: str = "lsa"
    """``lsa``, ``nim`` or ``openai``."""
    embedding_model: str | None = None
    embedding_url: str | None = None
    """None: the same as ``model_url``."""
    embedding_dimension: int | None = None
    """Length that the model's vectors must have; None takes what it gives."""
    truncate: str = "END"
    """What the embedding server does with a text over its limit: ``NONE``, ``START``, ``END``."""
    near_at: str = "0.9"
    """Cosine of two questions from which they are near-duplicates."""
    even_if_near: bool = False
    """Pay for a question that the registry holds already, or nearly so."""
    texts: str = "abstract"
    """``abstract`` or ``full``."""
    replay: bool = False
    """Answer from kept calls only."""
    rate: float = 40.0
    """Requests a minute that the account allows."""
    seed: int = 0
    """Sent to chat models, and what shuffles claims and passages."""
    timeout: float = 300.0
    """Seconds for one reply."""
    budget_file: str | None = None
    """Where spending is counted; None counts nothing."""
    max_requests: int | None = None
    max_tokens: int | None = None

    @property
    def asks_chat(self) -> bool:
        """Whether a chat model is asked."""
        return self.reviewers in SERVICES or self.extractor in SERVICES

    @property
    def asks_models(self) -> bool:
        """Whether any model is asked."""
        return self.asks_chat or self.embedder in SERVICES

    def model_for(self, role: Role) -> str:
        """The model of one role.

        Raises:
            UsageError: none is named for it.
        """
        named = dict(self.models)
        found = named.get(role.value) or named.get("")
        if not found:
            raise UsageError(
                f"no model is named for the role {role.value}",
                where="--model",
                todo=f"Name one for all roles, --model ID, or --model {role.value}=ID. There is "
                "no default: hosted models come and go within months.",
            )
        return found


EMBEDDED = LiveOptions()
"""No model is asked."""


def parse_models(values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """``ROLE=ID`` or ``ID`` as (role, id), ordered by role.

    Raises:
        UsageError: there is no such role, or one is named twice.
    """
    found: dict[str, str] = {}
    for value in values:
        head, equals, tail = value.partition("=")
        role, model = (head.strip().upper(), tail.strip()) if equals else ("", head.strip())
        if role and role not in set(Role):
            roles = ", ".join(Role)
            raise UsageError(
                f"there is no role {role[:40]!r}", where="--model", todo=f"The roles are {roles}."
            )
        if role in found:
            raise UsageError(
                f"{role or 'a model for all roles'} is named twice",
                where="--model",
                todo="Name each once.",
            )
        found[role] = model
    return tuple(sorted(found.items()))
