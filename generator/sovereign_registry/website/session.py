"""One build: scan, plan, render, list, prune, remember.

The parent knows every record's row and never a whole record; records are read where they are
rendered.
"""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.contracts.log.seal import DIGESTS
from sovereign_registry.store import Registry
from sovereign_registry.store.log_places import read_places
from sovereign_registry.store.monitors import monitors
from sovereign_registry.store.newness import require_meant
from sovereign_registry.website import theme
from sovereign_registry.website.bundle import offline_scripts
from sovereign_registry.website.cache import RecordCache
from sovereign_registry.website.collector import no_gc
from sovereign_registry.website.details import Shelf
from sovereign_registry.website.digests import Files, write_digests
from sovereign_registry.website.dump import DUMP, carry_dump
from sovereign_registry.website.holdings import MONITOR
from sovereign_registry.website.leftovers import drop_others, strays
from sovereign_registry.website.limits import advice, weights
from sovereign_registry.website.listing import Listing, Sources
from sovereign_registry.website.log_copy import copy_log
from sovereign_registry.website.logged import read_logged
from sovereign_registry.website.making import Crew, Keeper, sort_records
from sovereign_registry.website.options import BuildReport, Options, site_info
from sovereign_registry.website.rendering import Renderer, make_environment
from sovereign_registry.website.scan import scan
from sovereign_registry.website.setup import Setup, combine, key_base, keys
from sovereign_registry.website.standing import naming_of, states_of, stone_of
from sovereign_registry.website.state import PageState, RecordState, StateFile
from sovereign_registry.website.tree import Stamp, Tree
from sovereign_registry.website.versions import code_version
from sovereign_registry.website.work import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.website.model import Naming
    from sovereign_registry.website.scan import Found
    from sovereign_registry.website.worker import Reply


class Session:
    """A build under way; make one per build.

    Args:
        options: What to build.

    Raises:
        BadInput: the folder is no registry.
        BuildFailed: the theme cannot be read.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.report = BuildReport()
        self.registry = Registry(options.root)
        self.log = read_places(self.registry)
        self.logged = read_logged(self.registry, self.log.places)
        self.monitors = monitors(self.registry)
        self.site = site_info(self.registry, options.site_url, self.log)
        self.tree = Tree(options.output)
        self.cache_folder = options.root / ".sovereign" / "cache"
        self.shelf = Shelf(self.cache_folder / "details", self.registry.read)
        self.prose: dict[str, Stamp] = {}
        self._versions = {
            rooms: code_version(rooms)
            for rooms in (("contracts", "store"), ("contracts", "store", "website"))
        }
        code = combine(self._versions["contracts", "store", "website"], options.views.encode())
        self._bytecode = self.cache_folder / "templates" / code.hex()
        self.theme = theme.read_theme(
            options.theme,
            options.overrides,
            self._bytecode / "closures",
            options.statics,
            without=() if self.site.previews else (theme.PREVIEWS,),
        )
        self.report.own = self.theme.own
        site = msgspec.msgpack.encode(self.site)
        names = msgspec.msgpack.encode(sorted(self.theme.assets.items()))
        self._scripts = offline_scripts(self.site.publish, self.options.theme / "static")
        self._page_base = combine(code, site, names)
        self._data_base = combine(code, site)
        self._state_file = StateFile(self.cache_folder, options.output, code)
        self.renderer = Renderer(
            make_environment(self.theme.searchpath, str(self._bytecode)),
            self.site,
            self.theme.assets,
        )

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        start = time.perf_counter()
        yield
        self.report.seconds[name] = round(
            self.report.seconds.get(name, 0.0) + time.perf_counter() - start, 4
        )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second build of this registry out.

        Raises:
            BuildFailed: another build is running.
        """
        self.cache_folder.mkdir(parents=True, exist_ok=True)
        with (self.cache_folder / "build.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BuildFailed(
                    "another build of this registry is running",
                    where=str(self.options.root),
                    todo="Wait for it.",
                ) from error
            yield

    def setup(
        self,
        cache: RecordCache,
        states: dict[str, str],
        naming: dict[str, tuple[Naming, ...]],
    ) -> Setup:
        """What workers have to know.

        Args:
            cache: The parsed records.
            states: Every record that is known not to be CURRENT, with its state.
            naming: What is known that records say of a record, by its id.

        Raises:
            BuildFailed: the theme lacks the record's template.
        """
        self._bytecode.mkdir(parents=True, exist_ok=True)
        return Setup(
            manifests=str(self.registry.records),
            output=str(self.options.output),
            site=self.site,
            searchpath=self.theme.searchpath,
            assets=self.theme.assets,
            views=self.options.views,
            bytecode=str(self._bytecode),
            cache=cache.place,
            data_version=self._data_base,
            page_version=combine(self._page_base, self.closure("record.html")),
            trail_version=combine(self._page_base, self.closure("history.html")),
            copy_version=combine(msgspec.json.encode(self.site.publish)),
            bundle_version=combine(self._data_base, self._scripts.encode()),
            states=states,
            naming=naming,
            places=self.log.places,
            monitors=self.monitors,
            logged=self.logged,
            scripts=self._scripts,
        )

    def _places(self) -> bytes:
        """Digest of all that is known of where records stand in the log."""
        return combine(*(one.key for _, one in sorted(self.logged.items())))

    def closure(self, template: str) -> bytes:
        """Digest of a template's closure.

        Raises:
            BuildFailed: the theme has no such template.
        """
        try:
            return self.theme.closures[template]
        except KeyError:
            raise BuildFailed(
                "the theme lacks this template",
                where=f"{self.options.theme}/templates/{template}",
                todo="Add it, or use the theme that ships with sovereign-registry.",
            ) from None

    def put_prose(self, path: str, template: str, context: dict[str, object]) -> None:
        """Render one prose page; it counts as part of this build.

        Raises:
            BuildFailed: two pages share a path, or the template fails.
        """
        if path in self.prose:
            raise BuildFailed(
                "is the path of two pages", where=path, todo="Change the slug of one of them."
            )
        self.prose[path] = self.tree.put(path, self.renderer.render(template, path, context))

    def run(self, note: Callable[[int, int], None] | None = None) -> BuildReport:
        """Bring the output folder up to date; prose pages were put before.

        Args:
            note: Told (records done, records to do) as it goes.

        Raises:
            RegistryError: the build is not whole; the output folder may be part old, part new.
        """
        with no_gc(), Crew(self.options.jobs) as crew:
            return self._run(crew, note)

    def _run(self, crew: Crew, note: Callable[[int, int], None] | None) -> BuildReport:
        with self.phase("scan"):
            scanned = scan(self.registry.records)
            found = [item for item in scanned if not item.removed]
            stones = [stone_of(self.registry, item) for item in scanned if item.removed]
        if not scanned:
            require_meant(self.registry)
        with self.phase("plan"):
            state, whole = self._state_file.load()
            previous = {record.id: record for record in state.records}
            cache = RecordCache(self.cache_folder / "records", self._versions["contracts", "store"])
            here = {item.id for item in found}
            known = [record for record in state.records if record.id in here]
            setup = self.setup(cache, states_of(known, stones), naming_of(known))
            base, places = key_base(setup), self._places()
            moved = state.base != base or state.places != places
            doubtful = previous if moved else naming_of(state.records).keys() | self._watched(known)
            clean, tasks = sort_records(
                found, previous, cache, Keeper(setup=setup, tree=self.tree, doubtful=doubtful)
            )
            setup = self._sized(setup, tasks)
        self._state_file.begin(list(self.prose))
        with self.phase("records"):
            made = self._make(crew, tasks, setup, cache, note)
            records = [made.get(item.id) or clean[item.id] for item in found]
            records = self._settle(crew, found, records, stones, cache, setup)
        with self.phase("lists"):
            listing = self._listing(records, stones, crew)
            memo = self.cache_folder / "search-starts"
            pages = listing.make(state, setup, self.shelf, memo, whole=whole)
            pages |= copy_log(self.registry, self.tree, state.pages)
            if self.site.publish.dump:
                pages[DUMP] = carry_dump(
                    self.registry, self.tree, records, stones, pages, state.pages
                )
            same = whole and state.base == base and records == state.records
            last = Files(records=state.records, pages=state.pages) if whole else None
            pages[DIGESTS] = write_digests(self.tree, Files(records=records, pages=pages), last)
        with self.phase("prune"):
            gone = strays(self.tree, state, clean if whole else {}, records, pages, whole=whole)
            self.report.pruned = self.tree.remove(sorted(gone))
        with self.phase("save"):
            same = same and pages == state.pages and places == state.places
            state.base, state.records, state.pages = base, records, pages
            same = same and (state.lists, state.shelves) == (listing.key, listing.shelf_key)
            state.lists, state.shelves = listing.key, listing.shelf_key
            state.places = places
            self._state_file.save(None if same else state)
            if made:
                cache.save([item.id for item in found])
            self.shelf.save([item.id for item in found])
            drop_others(self._bytecode)
        return self._finish(records, pages, len(tasks))

    def _watched(self, known: list[RecordState]) -> set[str]:
        """Records that anybody has looked at, or had when their files were made."""
        return {*self.monitors, *(one.id for one in known if MONITOR in one.files)}

    def _sized(self, setup: Setup, tasks: list[Task]) -> Setup:
        """The same with the checkpoints that the bundles of these records are proved against."""
        logged = [self.logged[task.found.id] for task in tasks if task.found.id in self.logged]
        return msgspec.structs.replace(setup, sizes=tuple(sorted({one.size for one in logged})))

    def _make(
        self,
        crew: Crew,
        tasks: list[Task],
        setup: Setup,
        cache: RecordCache,
        note: Callable[[int, int], None] | None,
    ) -> dict[str, RecordState]:
        made: dict[str, RecordState] = {}

        def take(reply: Reply) -> None:
            for done in reply.done:
                made[done.state.id] = done.state
                if done.entry is not None:
                    cache.add(done.state.id, done.entry)
                if done.details:
                    self.shelf.add(done.state.id, done.details)
            self.tree.tally.add(reply.tally)
            if note is not None:
                note(len(made), len(tasks))

        crew.records(tasks, setup, take)
        if len(made) != len(tasks):
            raise BuildFailed(
                f"{len(made)} records were made where {len(tasks)} were due",
                todo="This is a fault of the software: please report it.",
            )
        return made

    def _settle(  # noqa: PLR0913, PLR0917 - one round of work
        self,
        crew: Crew,
        found: list[Found],
        records: list[RecordState],
        stones: list[Tombstone],
        cache: RecordCache,
        before: Setup,
    ) -> list[RecordState]:
        """Make those pages again that show of another record what was not known when it was made.

        What a record's state is and which others it names does not depend on any other record, so
        one more round settles it.
        """
        setup = self.setup(cache, states_of(records, stones), naming_of(records))
        touched = before.naming.keys() | setup.naming.keys()
        tasks = [
            Task(found=item, entry=cache.find(item.id), previous=record)
            for item, record in zip(found, records, strict=True)
            if (record.named or record.id in touched)
            and record.page_key != keys(record.id, record.digest, setup, record.named)[2]
        ]
        if not tasks:
            return records
        again = self._make(crew, tasks, setup, cache, None)
        return [again.get(record.id, record) for record in records]

    def _listing(self, records: list[RecordState], stones: list[Tombstone], crew: Crew) -> Listing:
        sources = Sources(
            records=records,
            stones=stones,
            prose=self.prose,
            theme=self.theme,
            base=self._page_base,
        )
        return Listing(sources, self.tree, self.renderer, crew, self.closure)

    def _finish(
        self, records: list[RecordState], pages: dict[str, PageState], rendered: int
    ) -> BuildReport:
        own = [(name, stamp.size) for record in records for name, stamp in record.files.items()]
        sizes = [size for _, size in own] + [page.stamp.size for page in pages.values()]
        self.report.record_files = len(own)
        self.report.record_bytes = sum(size for _, size in own)
        self.report.kinds = weights(own, pages)
        self.report.records = len(records)
        self.report.pages = len(pages)
        self.report.rendered = rendered
        self.report.files = self.tree.tally
        self.report.total_files = len(sizes)
        self.report.total_bytes = sum(sizes)
        self.report.advice = advice(self.report, self.site.publish)
        return self.report
