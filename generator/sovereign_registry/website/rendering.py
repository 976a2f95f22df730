"""Templates to text: one environment for every page, autoescape on, undefined names are errors."""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import jinja2
import markupsafe
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from sovereign_registry.contracts.errors import BuildFailed, RegistryError
from sovereign_registry.website.sealed import SealedBytecodeCache

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence
    from types import CodeType

    from jinja2.compiler import Frame
    from jinja2.environment import TemplateModule
    from jinja2.nodes import Call, Expr, Filter, Getattr, Output, Test

    from sovereign_registry.website.model import SiteInfo

JINJA_OPTIONS: dict[str, Any] = {
    "autoescape": True,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "undefined": jinja2.StrictUndefined,
}
"""The options of the environment; Pelican's own gets the same."""


def _escape_text(text: str) -> str:
    return str(escape(text))


_escape_inner: Callable[[str], str] = getattr(markupsafe, "_escape_inner", _escape_text)
"""markupsafe's own escaping of plain text, where this version has it under that name."""

_plain: Callable[[str], str] = str.__str__
"""Markup -> its text, without a step through Python."""

_mark: Callable[[type[Markup], str], Markup] = str.__new__
"""Text that is safe already -> Markup, likewise."""


def piece(value: object) -> str:
    """Escape one printed value as ``markupsafe.escape`` does, but as plain text.

    What a template prints is joined at once, so wrapping each piece as Markup, half of the time
    that a page takes, serves nobody.
    """
    kind = type(value)
    if kind is str:
        return _escape_inner(value)  # type: ignore[arg-type]  # as its type was looked at
    if kind is Markup:
        return _plain(value)  # type: ignore[arg-type]  # as above
    return str(escape(value))


class _Macro(Macro):
    """A macro with a short way for calls that name every argument by position.

    Of a value whose type says that it is ``lasting`` (all records share a few of them) it keeps the
    text: a macro is imported without context, so its text depends on its arguments alone.
    """

    def __init__(self, *values: Any) -> None:  # noqa: ANN401 - as Jinja's own
        super().__init__(*values)
        special = self.catch_kwargs or self.catch_varargs or self.caller
        self._exactly = -1 if special or not self._default_autoescape else self._argument_count
        self._kept: dict[object, Markup] = {}

    def __call__(self, *values: Any, **named: Any) -> str:  # noqa: ANN401 - as Jinja's own
        if len(values) == self._exactly and not named:
            if self._exactly == 1 and getattr(values[0], "lasting", False):
                text = self._kept.get(values[0])
                if text is None:
                    text = self._kept[values[0]] = _mark(Markup, self._func(*values))
                return text
            return _mark(Markup, self._func(*values))
        return super().__call__(*values, **named)


class _Generator(CodeGenerator):
    """Compiles ``{{ value }}`` into what ``piece`` does and ``a.b`` into an attribute of ``a``.

    Pages are given records, whose fields are attributes; keys of a mapping are ``a["b"]``.  What
    is printed in a row becomes one text (``"<b>%s</b>" % (...)``, which Python joins at once), and
    ``f(x)`` a plain call: no function that a page is given asks for Jinja's context.
    """

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("(escape_inner(_v) if type(_v := ")
        if finalize.src is not None:
            self.write(finalize.src)

    def _output_child_post(self, node: Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_post(node, frame, finalize)
            return
        if finalize.src is not None:
            self.write(")")
        self.write(") is str else piece(_v))")

    def visit_Output(self, node: Output, frame: Frame) -> None:  # noqa: N802 - Jinja's own
        parts = node.nodes
        if (
            len(parts) == 1
            or frame.require_output_check
            or frame.eval_ctx.volatile
            or not frame.eval_ctx.autoescape
        ):
            super().visit_Output(node, frame)
            return
        finalize = self._make_finalize()
        text, values = "", []
        for part in parts:
            if isinstance(part, nodes.TemplateData):
                text += str(part.as_const(frame.eval_ctx)).replace("%", "%%")
            else:
                text += "%s"
                values.append(part)
        if frame.buffer is None:
            self.writeline(f"yield {text!r} % (", node)
        else:
            self.writeline(f"{frame.buffer}.append({text!r} % (", node)
        self.indent()
        for value in values:
            self.newline(value)
            self._output_child_pre(value, frame, finalize)
            self.visit(value, frame)
            self._output_child_post(value, frame, finalize)
            self.write(",")
        self.outdent()
        self.writeline(")" if frame.buffer is None else "))")

    def visit_Call(  # noqa: N802 - Jinja's own
        self,
        node: Call,
        frame: Frame,
        forward_caller: bool = False,  # noqa: FBT001, FBT002 - Jinja's own
    ) -> None:
        if forward_caller or node.kwargs or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for value in node.args:
            self.visit(value, frame)
            self.write(", ")
        self.write(")")

    _asked = 0
    """How many questions of the kind *is there such a field* enclose this place."""

    def visit_Test(self, node: Test, frame: Frame) -> None:  # noqa: N802 - Jinja's own
        self._asked += node.name in {"defined", "undefined"}
        super().visit_Test(node, frame)
        self._asked -= node.name in {"defined", "undefined"}

    def visit_Filter(self, node: Filter, frame: Frame) -> None:  # noqa: N802 - Jinja's own
        self._asked += node.name in {"default", "d"}
        super().visit_Filter(node, frame)
        self._asked -= node.name in {"default", "d"}

    def visit_Getattr(self, node: Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja's own
        if self._asked or not node.attr.isascii() or iskeyword(node.attr):
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")


_RELAYS = (
    (
        re.compile(
            r"^( *)try:\n\1    for event in gen:\n\1        yield event\n"
            r"\1finally: gen\.close\(\)$",
            re.MULTILINE,
        ),
        r"\1yield concat(gen)\n\1pass\n\1pass\n\1pass",
    ),
    (re.compile(r"^( *)yield from (.+)$", re.MULTILINE), r"\1yield concat(\2)"),
    (
        re.compile(
            r"^( *included_template = environment)\.get_template\(('[^'\n]+'), '[^'\n]*'\)"
            r"\._get_default_module\(context\)$",
            re.MULTILINE,
        ),
        r"\1.module(\2)",
    ),
    (
        re.compile(r"^( *(?:context\.vars\['\w+'\] = )?\w+ = )Macro\(environment, ", re.MULTILINE),
        r"\1environment.macro(environment, ",
    ),
    (
        re.compile(r"\A(from jinja2\.runtime import .+)$", re.MULTILINE),
        r"\1; piece = environment.piece; escape_inner = environment.escape_inner",
    ),
)
"""Code that hands on each piece of an include, block or parent, and what joins them at once; code
that imports from a template or makes a macro; and the imports, which get ``piece`` as well.

Line numbers stay: Jinja maps them to the template's.  Text of a template cannot match: it stands in
the code as one quoted line.
"""


class RegistryEnvironment(jinja2.Environment):
    """Jinja's environment with shorter ways from a value to the page."""

    code_generator_class = _Generator
    piece = staticmethod(piece)
    escape_inner = staticmethod(_escape_inner)
    macro = _Macro

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as Jinja's own
        super().__init__(**options)
        self._loaded: dict[object, jinja2.Template] = {}
        self._modules: dict[str, TemplateModule] = {}

    def get_template(
        self,
        name: str | jinja2.Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> jinja2.Template:
        """A template, which no build changes under way: Jinja's own look-up costs 4 microseconds.

        Raises:
            jinja2.TemplateNotFound: there is none of this name.
        """
        found = self._loaded.get(name)
        if found is None or globals:
            found = self._loaded[name] = super().get_template(name, parent, globals)
        return found

    def module(self, name: str) -> TemplateModule:
        """The macros of a template that another one imports.

        They are made once: no page brings globals of its own, so they depend on nothing else.

        Raises:
            jinja2.TemplateNotFound: there is none of this name.
        """
        found = self._modules.get(name)
        if found is None:
            found = self._modules[name] = self.get_template(name).module
        return found

    def _compile(self, source: str, filename: str) -> CodeType:
        for pattern, replacement in _RELAYS:
            source = pattern.sub(replacement, source)
        return super()._compile(source, filename)


def make_environment(searchpath: Sequence[str], bytecode: str | None = None) -> jinja2.Environment:
    """The environment for template folders, first match wins.

    Args:
        searchpath: Template folders.
        bytecode: A folder for compiled templates that belongs to this version of the code, or None.
    """
    return RegistryEnvironment(
        loader=jinja2.FileSystemLoader(list(searchpath)),
        bytecode_cache=SealedBytecodeCache(bytecode) if bytecode else None,
        auto_reload=False,
        cache_size=-1,
        **JINJA_OPTIONS,
    )


def url_helper(page_path: str, assets: Mapping[str, str], base: str | None) -> Callable[[str], str]:
    """The ``url`` function of one page: a path within the site -> a link that works there.

    Links are relative, so that the site works under any address and sub-path.

    Args:
        page_path: The page's output path.
        assets: Path as templates name it -> path in the output folder.
        base: A prefix to use instead, for the one page (404) that is shown at any depth.
    """
    prefix = base if base is not None else "../" * page_path.count("/") or "./"
    # A page in a folder of its own, as a record's, names the files beside it without that folder.
    own = base is None and page_path.count("/") > 1
    folder = page_path[: page_path.rfind("/") + 1] if own else ""
    above = folder[: folder[:-1].rfind("/") + 1] if folder.count("/") > 2 else ""  # noqa: PLR2004

    def url(path: str) -> str:
        if folder and path.startswith(folder):
            return path.removeprefix(folder) or "./"
        if above and path.startswith(above):
            return f"../{path.removeprefix(above)}"
        return prefix + assets.get(path, path)

    return url


class Renderer:
    """Renders pages with a small explicit context.

    Args:
        environment: Where templates come from.
        site: What every page may say about the site.
        assets: Path as templates name it -> path in the output folder.
    """

    def __init__(
        self, environment: jinja2.Environment, site: SiteInfo, assets: Mapping[str, str]
    ) -> None:
        self.environment = environment
        self.site = site
        self.assets = assets

    def render(self, template: str, page_path: str, context: Mapping[str, object]) -> bytes:
        """Render one page; the template also gets ``site``, ``page_path`` and ``url``.

        Raises:
            BuildFailed: the template is missing or fails on this page.
        """
        base = None
        if page_path == "404.html":
            # A host shows this page under any address, so its links start at the site's root.
            _, _, path = self.site.base_url.partition("://")
            base = f"/{path.partition('/')[2]}/".replace("//", "/")
        try:
            text = self.environment.get_template(template).render(
                context,
                site=self.site,
                page_path=page_path,
                url=url_helper(page_path, self.assets, base),
            )
        except RegistryError:
            raise
        except Exception as error:
            raise template_fault(error, template, page_path) from error
        return text.encode("utf-8")


def template_fault(error: Exception, template: str, page_path: str) -> BuildFailed:
    """Say which template failed, at which line and on which page."""
    where, line = template, getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith((".html", ".xml")):
            where, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    where = getattr(error, "filename", None) or where
    return BuildFailed(
        f"{type(error).__name__} while {page_path} was rendered: {error}",
        where=f"{where}:{line}" if line else where,
        todo="Correct the template or what it is given.",
    )
