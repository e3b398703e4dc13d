"""Stands in for the package IPython where it is not installed: what programs written for notebooks import of it."""

import importlib.abc
import importlib.machinery
import sys
import types

_MODULES = ("IPython", "IPython.display", "IPython.core", "IPython.core.display", "IPython.core.display_functions", "IPython.core.getipython",
            "IPython.core.magic", "IPython.core.pylabtools")


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Last of the finders, so that an installed IPython comes first."""

    def __init__(self, display):
        self._members = _members_of(display)

    def find_spec(self, name, path=None, target=None):
        if name in _MODULES:
            return importlib.machinery.ModuleSpec(name, self, is_package=name in ("IPython", "IPython.core"))
        return None

    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module) -> None:
        module.__dict__.update(self._members)
        module.get_ipython = get_ipython = sys.modules["__main__"].__dict__["get_ipython"]
        if module.__name__ == "IPython.core.magic":
            for kind in ("line", "cell", "line_cell"):
                setattr(module, f"register_{kind}_magic", _registering(get_ipython, kind))
        elif module.__name__ == "IPython.core.pylabtools":
            # Of what matplotlib could draw on there is nothing.
            module.backend2gui = {}


def _registering(get_ipython, kind: str):
    def register(name):
        """Makes a function a magic, under its own name or the one that is given."""
        def under(function, name=None):
            get_ipython().register_magic_function(function, kind, name)
            return function

        return under(name) if callable(name) else lambda function: under(function, name)

    return register


class _Shown:
    """Data of one mime type."""

    mime = "text/plain"
    is_binary = False

    def __init__(self, data=None, url=None, filename=None, **_):
        self.data = data
        self.url = url
        self.filename = filename
        if filename is not None:
            with open(filename, "rb" if self.is_binary else "r") as file:
                self.data = file.read()

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self.mime: self.data}

    def __repr__(self):
        return f"<IPython.core.display.{type(self).__name__} object>"


class Image(_Shown):
    """A picture from bytes, a file or an address."""

    is_binary = True

    def __init__(self, data=None, url=None, filename=None, format=None, **_):
        if isinstance(data, str):
            filename, data = data, None
        super().__init__(data, url, filename)
        is_jpeg = format in ("jpeg", "jpg") or (format is None and bytes(self.data or b"")[:2] == b"\xff\xd8")
        self.mime = "image/jpeg" if is_jpeg else "image/png"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self.mime: self.data} if self.data is not None else {"text/html": f'<img src="{self.url}"/>'}


class Math(_Shown):
    """LaTeX of a formula."""

    mime = "text/latex"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self.mime: f"$\\displaystyle {self.data.strip('$')}$"}


def _members_of(display) -> dict:
    members = {name: type(name, (_Shown,), {"mime": mime}) for name, mime in (
        ("HTML", "text/html"), ("Markdown", "text/markdown"), ("SVG", "image/svg+xml"), ("Latex", "text/latex"),
        ("JSON", "application/json"), ("Javascript", "application/javascript"), ("Pretty", "text/plain"), ("Code", "text/plain"))}
    members.update(
        Image=Image, Math=Math, display=display.display, clear_output=lambda wait=False: None,
        update_display=lambda value, display_id=None, **_: display.display(value),
        publish_display_data=lambda data, metadata=None, **_: display.send(dict(data), False),
        version_info=(8, 0, 0), __version__="8.0.0",
    )
    for name in ("HTML", "Markdown", "SVG", "PNG", "JPEG", "Latex", "JSON", "Javascript"):
        members[f"display_{name.lower()}"] = display.display
    return members
