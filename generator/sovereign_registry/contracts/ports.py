"""Every effect that the pipeline needs from the world, as one small protocol each.

``wiring`` chooses the adapters; tests play the world in memory.  Implementations may be called from
several threads at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sovereign_registry.contracts.calls import ChatCall, ChatReply, EmbedCall, EmbedReply
    from sovereign_registry.contracts.dossier import Dossier
    from sovereign_registry.contracts.extraction import SectionReply
    from sovereign_registry.contracts.papers import Paper, Query, SearchReply, SourceText
    from sovereign_registry.contracts.proof import LeanArtifact
    from sovereign_registry.contracts.review import Opinion, Probe, Role
    from sovereign_registry.contracts.runs import Installed, JudgeOutcome, JudgePreflight
    from sovereign_registry.contracts.sealing import Preflight, SealedJob, SealedOutcome
    from sovereign_registry.contracts.vectors import Neighbourhood, Vectors


class Tool(Protocol):
    """Anything whose name and version belong into the manifest."""

    @property
    def name(self) -> str:
        """The standard name of the tool or model."""
        ...

    @property
    def version(self) -> str:
        """Its version, or the digest of the data that it serves."""
        ...


class PaperSearch(Tool, Protocol):
    """A source of papers."""

    @property
    def label(self) -> str:
        """What the source is, in words that stand on the record's page."""
        ...

    def search(self, query: Query, limit: int) -> SearchReply:
        """Answer a query with at most ``limit`` papers, most relevant first.

        Raises:
            SourceFailure: the source cannot be read or its answer is not whole.
        """
        ...


class SectionReader(Tool, Protocol):
    """Reads the text of a paper, section by section."""

    def read(self, paper: Paper) -> SourceText:
        """Return what can be read of the paper; the abstract is the fallback, and named so.

        Raises:
            SourceFailure: the text is there but cannot be read.
        """
        ...


class SentenceSplitter(Tool, Protocol):
    """Splits running text into sentences."""

    def spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Return the (start, end) character spans of the sentences, in order, not overlapping."""
        ...


class Embedder(Tool, Protocol):
    """Maps texts to vectors that order texts by nearness; a vector never decides anything."""

    @property
    def dimension(self) -> int:
        """Length of every vector of the latest ``embed``."""
        ...

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Return one vector per text, values quantised to 1e-6."""
        ...


class Reviewer(Tool, Protocol):
    """Judges a dossier in one role, seeing neither the other roles nor an earlier round."""

    @property
    def method(self) -> str:
        """``deterministic rubric`` or ``language model``; printed beside every score."""
        ...

    def review(self, role: Role, dossier: Dossier) -> Opinion | None:
        """Return the role's opinion, or None where no valid one could be had.

        Raises:
            ModelFailure: the server did not answer, or the run cannot go on (key, model, budget, or
                a reply that is not kept).
        """
        ...


class ReportPrinter(Tool, Protocol):
    """Prints a report as PDF."""

    def pdf(self, markdown: str, *, title: str, date: str) -> bytes:
        """Return the PDF's bytes; the same input gives the same bytes."""
        ...


class Neighbours(Protocol):
    """What the registry already holds, for same-question links and near-duplicate flags."""

    @property
    def sha256(self) -> str:
        """Digest of what was compared against; recorded, but no part of a record's id."""
        ...

    def texts(self, *, without: str) -> Sequence[tuple[str, str, str]]:
        """Return (record id, question, title) of every other record, ordered by id."""
        ...

    def passages(self, *, without: str) -> Sequence[tuple[str, str]]:
        """Return (record id, its question, title and abstract) of every other, ordered by id."""
        ...


class ModelServer(Protocol):
    """Answers calls to language and embedding models.

    May be called from several threads at once; calls in flight at the same time are sent at the
    same time, within the limits that the server's account has.
    """

    def chat(self, call: ChatCall) -> ChatReply:
        """Answer one chat call.

        Raises:
            ModelFailure: there is no usable reply.
        """
        ...

    def embed(self, call: EmbedCall) -> EmbedReply:
        """Answer one embedding call, with one finite vector per text and all of one length.

        Raises:
            ModelFailure: there is no usable reply.
        """
        ...


class Sandbox(Protocol):
    """Runs a stranger's command sealed; there is no way to run it otherwise."""

    def preflight(self) -> Preflight:
        """Prove by canaries that a run on this machine is sealed; never raises for its failure."""
        ...

    def run(self, job: SealedJob) -> SealedOutcome:
        """Run the job to its end or to its limits; leaves no process, mount or file behind.

        Whatever goes wrong with the seal is the outcome UNAVAILABLE, not an exception.
        """
        ...


class DependencyInstaller(Protocol):
    """Installs hash-locked requirements for a sealed run, before it is sealed."""

    def install(self, lock: bytes, target: str) -> Installed:
        """Install into an empty folder of the host; wheels only, every hash checked.

        Whatever goes wrong is said in the result, not raised.
        """
        ...


class ProofJudge(Protocol):
    """Judges a Lean proof; what the submission prints has no part in it."""

    def preflight(self, toolchain: str) -> JudgePreflight:
        """Ask which judge answers for a toolchain; never raises for its absence."""
        ...

    def judge(self, spec: LeanArtifact, files: Mapping[str, bytes], folder: str) -> JudgeOutcome:
        """Have the submission judged in an empty folder of the host; leaves no process behind.

        Whatever goes wrong with the judge is the outcome UNAVAILABLE, not an exception.
        """
        ...


class Clock(Protocol):
    """The time of decisions and history entries; never used inside a run."""

    def now(self) -> datetime:
        """Return the current UTC time, whole seconds, with its zone."""
        ...


class Progress(Protocol):
    """Tells the user what is going on; nothing depends on it."""

    def step(self, number: int, title: str) -> None:
        """Announce a numbered step of the methodology."""
        ...

    def note(self, text: str) -> None:
        """Add a detail to the current step."""
        ...


class MeaningEmbedder(Tool, Protocol):
    """Maps texts to unit vectors of one named model; what it gives orders and shows, no more.

    Vectors of another model or length are refused, never mixed.  A text that was embedded before
    costs nothing again.
    """

    @property
    def dimension(self) -> int:
        """Length of every vector; 0 before the first is known."""
        ...

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that ask: one vector per text, in their order.

        Raises:
            ModelFailure: the server gave no usable vectors; those that it gave before are kept.
        """
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that are searched: one vector per text, in their order.

        Raises:
            ModelFailure: as for ``queries``.
        """
        ...

    def nearest(self, question: str, items: Sequence[tuple[str, str]], count: int) -> Neighbourhood:
        """Return the ``count`` of the (key, text) items whose texts lie nearest to a question.

        Raises:
            ModelFailure: as for ``queries``.
        """
        ...


class ClaimExtractor(Tool, Protocol):
    """Chooses sentences by quoting them; what it quotes is checked before it counts."""

    @property
    def service(self) -> str:
        """The dialect of its server: ``nim`` or ``openai``."""
        ...

    def quotes(self, question: str, paper: str, title: str, text: str) -> SectionReply:
        """Quote the sentences of one section that answer the question, best first.

        Args:
            question: The research question.
            paper: The paper's reference, which makes the call this section's own.
            title: The section's title.
            text: Its text, clean and on one line.

        Raises:
            ModelFailure: the server did not answer, or the run cannot go on (key, model, budget, or
                a reply that is not kept).
        """
        ...


class InstructionProbe(Protocol):
    """Tries whether the models of a panel obey an instruction that stands in a source."""

    def probe(self, role: Role, dossier: Dossier) -> Probe:
        """Ask a role about the dossier with an instruction of ours planted in a passage.

        Raises:
            ModelFailure: the server did not answer, or the run cannot go on (key, model, budget, or
                a reply that is not kept).
        """
        ...
