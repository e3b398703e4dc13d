"""What libraries ask of a notebook's shell: functions around cells, and forms that types are shown in."""

import sys
import types

_EVENTS = ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell")


class Events:
    """``get_ipython().events``."""

    def __init__(self):
        self._functions = {name: [] for name in _EVENTS}

    def register(self, event: str, function) -> None:
        """Calls ``function`` at each ``event``: pre_execute, pre_run_cell, post_execute or post_run_cell."""
        if not callable(function):
            raise TypeError(f"Need a callable, got {function!r}")
        if function not in self._functions[event]:
            self._functions[event].append(function)

    def unregister(self, event: str, function) -> None:
        """Undoes ``register``; raises ValueError where it was not done."""
        self._functions[event].remove(function)

    def trigger(self, event: str, source: str) -> None:
        """Calls the functions of an event; those of a cell are given it as ``raw_cell``, where they take anything."""
        for function in list(self._functions[event]):
            try:
                if event.endswith("_run_cell") and _takes_any(function):
                    function(types.SimpleNamespace(raw_cell=source, info=types.SimpleNamespace(raw_cell=source)))
                else:
                    function()
            except Exception as error:  # the rim of a library's function: the cell is no part of it
                sys.stderr.write(f"Error in callback {function!r} (for {event}): {type(error).__name__}: {error}\n")


class Formatter:
    """``get_ipython().display_formatter.formatters[mime]``: how values of a type are shown in one form."""

    def __init__(self):
        # Under IPython's name: libraries look into it.
        self._functions = self.type_printers = {}

    def for_type(self, kind, function=None):
        """Sets the function of a type, or of ``module.name``, and gives the former one, or None."""
        former = self._functions.get(kind)
        if function is not None:
            self._functions[kind] = function
        return former

    def for_type_by_name(self, module: str, name: str, function=None):
        """The same for a type that may not be imported yet."""
        return self.for_type(f"{module}.{name}", function)

    def pop(self, kind, default=None):
        """Forgets the function of a type."""
        return self._functions.pop(kind, default)

    def find(self, value):
        """The function for a value, or None."""
        for kind in type(value).__mro__:
            function = self._functions.get(kind) or self._functions.get(f"{kind.__module__}.{kind.__qualname__}")
            if function is not None:
                return function
        return None


class Formatters(dict):
    """Formatters by mime type, made when they are asked for."""

    def __missing__(self, mime: str) -> Formatter:
        return self.setdefault(mime, Formatter())

    def forms_of(self, value) -> dict:
        """A mime bundle of the forms that were set for a value's type; its text is the printer's to ask for."""
        bundle = {}
        for mime, formatter in self.items():
            function = formatter.find(value)
            if function is not None and mime != "text/plain":
                try:
                    bundle[mime] = function(value)
                except Exception as error:  # one form that fails must not take the others away
                    sys.stderr.write(f"{mime}: {type(error).__name__}: {error}\n")
        return {mime: data for mime, data in bundle.items() if data is not None}


def _takes_any(function) -> bool:
    import inspect

    try:
        return bool(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return False
