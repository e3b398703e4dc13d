"""What commands and cells gave, kept as a value: lines of a command, output of ``%%capture``."""

import contextlib
import io
import sys


class SList(list):
    """Lines, also as one text with newlines (``n``) or with spaces (``s``)."""

    @property
    def l(self) -> list:  # noqa: E743 (IPython's name)
        """The lines."""
        return self

    @property
    def n(self) -> str:
        """The lines as they were printed."""
        return "\n".join(self)

    @property
    def s(self) -> str:
        """The lines as words of one line."""
        return " ".join(self)

    list, nlstr, spstr = l, n, s

    def grep(self, pattern, prune: bool = False) -> "SList":
        """The lines that a pattern or function finds, or with ``prune`` the others."""
        import re

        finds = pattern if callable(pattern) else re.compile(pattern, re.IGNORECASE).search
        return SList(line for line in self if bool(finds(line)) != prune)

    def fields(self, *numbers: int):
        """Some words of each line, or with no numbers all of them, divided."""
        if not numbers:
            return [line.split() for line in self]
        return SList(" ".join(words[number] for number in numbers if -len(words) <= number < len(words)) for words in map(str.split, self))


class Output:
    """One thing that was shown."""

    def __init__(self, display, data: dict):
        self._display = display
        self.data = data
        self.metadata = {}

    def display(self) -> None:
        """Shows it."""
        self._display.send(self.data, False)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return self.data


class Captured:
    """What ``%%capture`` caught."""

    def __init__(self):
        self._out, self._err = io.StringIO(), io.StringIO()
        self.outputs = []

    @property
    def stdout(self) -> str:
        return self._out.getvalue()

    @property
    def stderr(self) -> str:
        return self._err.getvalue()

    def __str__(self) -> str:
        return self.stdout

    def show(self) -> None:
        """Prints and shows it."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)
        for output in self.outputs:
            output.display()

    __call__ = show


@contextlib.contextmanager
def capture(display, stdout: bool = True, stderr: bool = True, shown: bool = True):
    """Keeps what is printed and shown within."""
    captured = Captured()
    before, bundles = display.taken, []
    with contextlib.ExitStack() as stack:
        if stdout:
            stack.enter_context(contextlib.redirect_stdout(captured._out))
        if stderr:
            stack.enter_context(contextlib.redirect_stderr(captured._err))
        if shown:
            display.taken = bundles
        try:
            yield captured
        finally:
            display.taken = before
            captured.outputs += [Output(display, bundle) for bundle in bundles]
