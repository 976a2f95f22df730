"""The Pelican plugin: prose pages are Pelican's, records and lists are made by a generator of ours.

Records are no Pelican Articles (whose archive code is quadratic) and no Reader's content (which
would take manifest keys for page attributes).  Pelican goes on, and exits 0, when a plugin is
missing or a page cannot be read; here either ends the build.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican import Pelican, signals
from pelican.generators import Generator
from pelican.writers import Writer

from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.website.options import Options
from sovereign_registry.website.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    import jinja2

    from sovereign_registry.website.options import BuildReport

_SESSION = "REGISTRY_SESSION"
"""Where the context of a run keeps its session."""


class RegistryPelican(Pelican):  # type: ignore[misc]  # Pelican is untyped
    """Pelican that does not go on without a plugin.

    Attributes:
        report: What the last run did.
    """

    report: BuildReport | None = None

    def init_plugins(self) -> None:
        """Load the plugins.

        Raises:
            BuildFailed: one of them cannot be loaded, or this one is not among them.
        """
        wanted = [str(getattr(plugin, "__name__", plugin)) for plugin in self.settings["PLUGINS"]]
        super().init_plugins()
        loaded = {plugin.__name__ for plugin in self.plugins}
        for name in dict.fromkeys([__name__, *wanted]):
            if not {name, f"pelican.plugins.{name}"} & loaded:
                raise BuildFailed(
                    f"the plugin {name} cannot be loaded",
                    where="PLUGINS",
                    todo="Install it, or take it out of publishconf.py; its own error is above.",
                )
        self.settings["REGISTRY_OWNER"] = self
        root = self.settings.get("REGISTRY_ROOT")
        if root:  # absolute: Pelican looks for a page's template from wherever it was started
            places = overrides_from(self.settings, Path(root).resolve())
            self.settings["THEME_TEMPLATES_OVERRIDES"] = list(places)


def _own(settings: dict[str, Any], root: Path, kind: str) -> list[Path]:
    """The registry's own ``theme/templates`` or ``theme/static``, where it is not the theme's."""
    own = (root / "theme" / kind).resolve()
    return [own] if own.is_dir() and own != Path(settings["THEME"], kind).resolve() else []


def overrides_from(settings: dict[str, Any], root: Path) -> tuple[str, ...]:
    """Template folders that go before the theme's, first match wins.

    Those that ``THEME_TEMPLATES_OVERRIDES`` names, then the registry's own ``theme/templates``.

    Raises:
        BuildFailed: a named folder is not there.
    """
    named = [Path(root, folder).resolve() for folder in settings["THEME_TEMPLATES_OVERRIDES"]]
    for folder in named:
        if not folder.is_dir():
            raise BuildFailed(
                "is no folder",
                where=str(folder),
                todo="Create it, or take it out of THEME_TEMPLATES_OVERRIDES.",
            )
    return tuple(dict.fromkeys(map(str, [*named, *_own(settings, root, "templates")])))


def options_from(settings: dict[str, Any], output: str) -> Options:
    """The build's options from Pelican's settings.

    Raises:
        BuildFailed: the settings do not say where the registry is.
    """
    root = settings.get("REGISTRY_ROOT")
    if not root:
        raise BuildFailed(
            "is not set",
            where="REGISTRY_ROOT",
            todo="In publishconf.py: REGISTRY_ROOT = str(Path(__file__).resolve().parent)",
        )
    return Options(
        root=Path(root).resolve(),
        output=Path(output).resolve(),
        theme=Path(settings["THEME"]).resolve(),
        overrides=overrides_from(settings, Path(root)),
        statics=tuple(map(str, _own(settings, Path(root), "static"))),
        site_url=settings["SITEURL"],
        jobs=settings.get("REGISTRY_JOBS"),
        views=settings.get("REGISTRY_VIEWS", "sovereign_registry.website.views"),
    )


class RegistryGenerator(Generator):  # type: ignore[misc]  # Pelican is untyped
    """Plans and renders everything but the prose pages."""

    def generate_context(self) -> None:
        """Open the build, once all prose pages are read.

        Raises:
            BuildFailed: a page could not be read.
        """
        failed = sorted(
            source for source, page in self.context["generated_content"].items() if page is None
        )
        if failed:
            raise BuildFailed(
                "the page cannot be read; Pelican's own error is above",
                where=", ".join(os.path.join(self.path, source) for source in failed),  # noqa: PTH118
                todo="Correct its text or its metadata.",
            )
        if not Path(self.path).is_dir():
            raise BuildFailed("is no folder", where=self.path, todo="Set PATH.")
        self.context[_SESSION] = Session(options_from(self.settings, self.output_path))

    def generate_output(self, writer: object) -> None:  # noqa: ARG002 - Pelican's interface
        """Render records and lists, prune, remember.

        Raises:
            RegistryError: the build is not whole.
        """
        session: Session = self.context[_SESSION]
        progress: Callable[[int, int], None] | None = self.settings.get("REGISTRY_PROGRESS")
        with session.lock():
            report = session.run(progress)
        owner = self.settings.get("REGISTRY_OWNER")
        if owner is not None:
            owner.report = report


class RegistryWriter(Writer):  # type: ignore[misc]  # Pelican is untyped
    """Writes prose pages with the registry's own environment and small context."""

    def write_file(  # noqa: PLR0913, PLR0917 - Pelican's interface
        self,
        name: str,
        template: jinja2.Template,
        context: dict[str, Any],
        relative_urls: bool = False,  # noqa: FBT001, FBT002, ARG002 - as above
        paginated: object = None,  # noqa: ARG002
        template_name: object = None,  # noqa: ARG002
        override_output: bool = False,  # noqa: FBT001, FBT002, ARG002
        url: object = None,  # noqa: ARG002
        **values: object,
    ) -> None:
        """Render one page; links in its text become relative to it.

        Raises:
            BuildFailed: the template fails, or another page has the same path.
        """
        if not name:
            return
        path = Path(name).as_posix()
        if path.startswith(("/", "../")) or "/../" in path:
            raise BuildFailed("leads out of the output folder", where=path, todo="Change save_as.")
        context["localsiteurl"] = "/".join([".."] * path.count("/")) or "."
        session: Session = context[_SESSION]
        session.put_prose(path, str(template.name), values)


def _generators(_: Pelican) -> type[Generator]:
    return RegistryGenerator


def _writer(_: Pelican) -> type[Writer]:
    return RegistryWriter


def register() -> None:
    """Connect to Pelican."""
    signals.get_generators.connect(_generators)
    signals.get_writer.connect(_writer)
