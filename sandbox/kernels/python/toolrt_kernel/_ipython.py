"""Stands in for the package IPython where it is not installed: what programs written for notebooks import of it."""

import importlib
import importlib.abc
import importlib.machinery
import sys
import types

_PACKAGES = frozenset(("IPython", "IPython.core", "IPython.lib", "IPython.terminal", "IPython.utils", "matplotlib_inline"))


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Last of the finders, so that an installed IPython comes first."""

    def __init__(self, display):
        self._display = display

    def find_spec(self, name, path=None, target=None):
        if name not in _PACKAGES and name not in _MODULES:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=name in _PACKAGES)

    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module) -> None:
        get_ipython = sys.modules["__main__"].__dict__["get_ipython"]
        if module.__name__ in _MODULES:
            module.__dict__.update(_MODULES[module.__name__](self._display, get_ipython))
        elif module.__name__ == "IPython":
            module.__dict__.update(get_ipython=get_ipython, version_info=(8, 0, 0), __version__="8.0.0")
            # An installed one has its modules as members too.
            for name in _MODULES:
                if name.startswith("IPython."):
                    importlib.import_module(name)


def _display_members(display, get_ipython) -> dict:
    from toolrt_kernel import _shown

    members = {name: type(name, (_shown.TextDisplayObject,), {"mime": mime}) for name, mime in (
        ("HTML", "text/html"), ("Markdown", "text/markdown"), ("SVG", "image/svg+xml"), ("Latex", "text/latex"),
        ("JSON", "application/json"), ("Javascript", "application/javascript"), ("Pretty", "text/plain"), ("Code", "text/plain"))}
    for name in ("DisplayObject", "TextDisplayObject", "Image", "Math", "Audio", "Video", "IFrame", "YouTubeVideo", "VimeoVideo", "FileLink",
                 "FileLinks", "GeoJSON", "ProgressBar"):
        members[name] = getattr(_shown, name)
    for name in ("HTML", "Markdown", "SVG", "PNG", "JPEG", "Latex", "JSON", "Javascript", "PDF"):
        members[f"display_{name.lower()}"] = display.display
    return {**members, **_display_functions(display, get_ipython), **_inline_members(display, get_ipython)}


def _display_functions(display, _get_ipython) -> dict:
    from toolrt_kernel._display import Handle

    return {
        "display": display.display, "DisplayHandle": Handle, "clear_output": lambda wait=False: None,
        "update_display": lambda value, display_id=None, **_: display.display(value),
        "publish_display_data": lambda data, metadata=None, **_: display.send(dict(data), False),
    }


def _inline_members(_display, _get_ipython) -> dict:
    # Figures are shown as png, and closed when their cell ends.
    return {"set_matplotlib_formats": lambda *formats, **_: None, "set_matplotlib_close": lambda close=True: None}


def _shell_members(_display, get_ipython) -> dict:
    return {"get_ipython": get_ipython, "InteractiveShell": type(get_ipython())}


def _terminal_members(_display, _get_ipython) -> dict:
    # Libraries ask whether the shell is one of these: it is not.
    return {"TerminalInteractiveShell": type("TerminalInteractiveShell", (), {})}


def _magic_members(_display, get_ipython) -> dict:
    from toolrt_kernel import _magic_classes

    return _magic_classes.members(get_ipython)


def _pylab_members(_display, _get_ipython) -> dict:
    # Of what matplotlib could draw on there is nothing.
    return {"backend2gui": {}}


def _latex_members(_display, _get_ipython) -> dict:
    # Formulas are shown as LaTeX, which every client can render; nothing here draws them.
    return {"latex_to_png": lambda *_, **__: None}


def _pretty_members(_display, _get_ipython) -> dict:
    from toolrt_kernel import _pretty

    return {"pretty": lambda value, **_: _pretty.text_of(value), "pprint": lambda value, **_: print(_pretty.text_of(value)),
            "RepresentationPrinter": _pretty.Printer, "PrettyPrinter": _pretty.Printer}


def _capture_members(display, _get_ipython) -> dict:
    from toolrt_kernel import _taken

    return {"capture_output": lambda stdout=True, stderr=True, display_=True, **options:
            _taken.capture(display, stdout, stderr, options.get("display", display_))}


_MODULES = {
    "IPython.display": _display_members, "IPython.core.display": _display_members, "IPython.lib.display": _display_members,
    "IPython.core.display_functions": _display_functions, "IPython.core.getipython": _shell_members,
    "IPython.core.interactiveshell": _shell_members, "IPython.terminal.interactiveshell": _terminal_members,
    "IPython.core.magic": _magic_members, "IPython.core.pylabtools": _pylab_members,
    "IPython.lib.pretty": _pretty_members, "IPython.lib.latextools": _latex_members,
    "IPython.utils.capture": _capture_members, "IPython.utils.io": _capture_members,
    "matplotlib_inline.backend_inline": _inline_members,
}
