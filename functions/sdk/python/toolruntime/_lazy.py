"""Costly modules: imported by what first needs them, or ahead of that while nobody calls.

In a sandbox the interpreter's own start takes 40 ms and the import of asyncio 90 ms more, so a worker that somebody waits
for imports next to nothing, and one that stands ready imports what functions mostly ask for, a module at a time.
"""

import sys

# Leaves before what imports them: between two of them a worker looks whether it is wanted.
_AHEAD = (
    "enum", "re", "json", "base64", "datetime", "dataclasses", "inspect", "typing", "random", "hashlib", "pathlib", "importlib.util", "traceback",
    "tempfile", "ctypes", "socket", "selectors", "subprocess", "logging", "ssl", "concurrent.futures", "concurrent.futures.thread",
    "asyncio.events", "asyncio", "toolruntime._arguments",
)


class Lazy:
    """Stands for a module until one of its members is asked for."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, member: str):
        __import__(self._name)
        found = getattr(sys.modules[self._name], member)
        setattr(self, member, found)
        return found


asyncio = Lazy("asyncio")
ctypes = Lazy("ctypes")


def is_in_event_loop() -> bool:
    """Whether this thread runs an event loop; without asyncio it cannot."""
    events = sys.modules.get("asyncio.events")
    get = getattr(events, "_get_running_loop", None)
    return get is not None and get() is not None


def import_ahead(is_wanted) -> None:
    """Imports what functions mostly ask for, until ``is_wanted()``."""
    for name in _AHEAD:
        if is_wanted():
            return
        __import__(name)
