"""One interpreter: its namespace, and how a cell runs in it."""

import builtins
import os
import sys

from toolrt_kernel import _loop, _source, _values
from toolrt_kernel._display import Display
from toolrt_kernel._history import History

# Names that notebooks take for granted.
_ABBREVIATIONS = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot"}


class StdinNotImplementedError(RuntimeError):
    """What ``input()`` raises: nobody can answer."""


class Session:
    """Runs cells, one at a time."""

    def __init__(self, output, interrupts):
        self._output = output
        self._interrupts = interrupts
        self.display = Display(output)
        self.count = 0
        self._flags = 0
        self._cells = {}
        self._loop = _loop.Loop()
        self._shell = None
        module = type(sys)("__main__")
        sys.modules["__main__"] = module
        self.namespace = module.__dict__
        self.namespace.update(__builtins__=builtins, get_ipython=self.shell)
        self.history = History(self.namespace)
        # Libraries and modules of the user's ask as cells do.
        builtins.get_ipython = self.shell
        builtins.__IPYTHON__ = True
        self.display.install(self.namespace)
        builtins.input = _refuse_input
        self._install_finders()

    def shell(self):
        """What ``get_ipython()`` gives."""
        if self._shell is None:
            from toolrt_kernel._magics import ZMQInteractiveShell

            self._shell = ZMQInteractiveShell(self)
        return self._shell

    def execute(self, source: str) -> None:
        """Runs a cell; everything that it shows, and its error, is sent as events."""
        self.count += 1
        self._output.event(_values.encode({"type": "number_of_executions", "execution_count": self.count}))
        self.history.begin(self.count, source)
        self._loop.prepare()
        # Figures are shown after an error too: what was drawn until then is part of the answer.
        for step in (lambda: self._trigger("pre", source), lambda: self.run_cell(source), _show_figures, lambda: self._trigger("post", source)):
            error = self._guarded(step)
            if error is not None:
                self._tell(error)

    def _trigger(self, when: str, source: str) -> None:
        # Where nobody has asked for the shell, nobody has registered anything.
        if self._shell is not None:
            self._shell.events.trigger(f"{when}_execute", source)
            self._shell.events.trigger(f"{when}_run_cell", source)

    def run_cell(self, source: str):
        """Runs a cell, shows the value of its last expression, and gives it."""
        filename = f"<cell {self.count}>"
        self._cells[filename] = self.count
        source = _source.dedent(_source.without_prompts(source))
        self._remember(filename, source)
        cell = _source.compile_cell(_source.automagic(source, self.namespace), filename, self._flags)
        self._flags |= cell.flags
        self._import_abbreviations(cell)
        value = self.run(cell)
        if value is not None and cell.is_shown:
            self._show_result(value)
        return value

    def run_and_show(self, source: str) -> None:
        """Runs code within a cell, with what it shows at its end, but no value of the cell's."""
        cell = self.compile_statement(source)
        value = self.run(cell)
        if value is not None and cell.is_shown:
            self.display.show(value, True)
        _show_figures()

    def run(self, cell):
        """The value of what was compiled."""
        if _loop.is_wanted((cell.body, cell.last)):
            return self._loop.run(self._run_within(cell))
        if cell.body is not None:
            self._evaluate(cell.body)
        return self._evaluate(cell.last) if cell.last is not None else None

    async def _run_within(self, cell):
        """The same within the running loop."""
        value = None
        for code in (cell.body, cell.last):
            value = eval(code, self.namespace) if code is not None else None
            if code is not None and _source.is_coroutine(code):
                value = await value
        return value

    def _evaluate(self, code):
        value = eval(code, self.namespace)
        return self._loop.run(value) if _source.is_coroutine(code) else value

    def compile_statement(self, source: str):
        """Code of one statement or expression, for magics that run it."""
        return _source.compile_cell(source, f"<cell {self.count}>", self._flags)

    def _show_result(self, value) -> None:
        self.history.end(self.count, value)
        self.display.show(value, True)
        if "matplotlib.figure" in sys.modules:
            from toolrt_kernel import _figures

            if _figures.is_figure(value):
                _figures.close(value)

    def _guarded(self, step):
        try:
            self._interrupts.begin()
            try:
                step()
            finally:
                self._interrupts.end()
        except BaseException as error:  # the rim of a cell: whatever the user's code raises is the cell's error
            return error
        return None

    def _tell(self, error: BaseException) -> None:
        self._interrupts.end()
        from toolrt_kernel import _errors

        self._output.event(_values.encode(_values.plain(_errors.describe(error, self._cells))))

    def _remember(self, filename: str, source: str) -> None:
        from toolrt_kernel import _lines

        _lines.remember(filename, source)

    def _import_abbreviations(self, cell) -> None:
        for name in cell.names() & _ABBREVIATIONS.keys():
            if name not in self.namespace:
                try:
                    __import__(_ABBREVIATIONS[name])
                except ImportError:
                    continue
                self.namespace[name] = sys.modules[_ABBREVIATIONS[name]]

    def _install_finders(self) -> None:
        sys.meta_path.insert(0, _LazyFinder(self.display))


class _LazyFinder:
    """Waits for the modules that the kernel changes or stands in for, and costs a look into a set until then."""

    _CHANGED = frozenset(("matplotlib.pyplot", "PIL.Image", "IPython", "IPython.core.display_functions", "matplotlib_inline"))

    def __init__(self, display):
        self._display = display

    def find_spec(self, name, path=None, target=None):
        if name not in self._CHANGED:
            return None
        from toolrt_kernel import _figures, _ipython

        sys.meta_path.remove(self)
        sys.meta_path.insert(0, _figures.Finder(self._display))
        sys.meta_path.append(_ipython.Finder(self._display))
        return sys.meta_path[0].find_spec(name, path, target)


def _show_figures() -> None:
    if "matplotlib.pyplot" in sys.modules:
        from toolrt_kernel import _figures

        _figures.show_open()


def _refuse_input(prompt="", /):
    raise StdinNotImplementedError("input() was called, but nobody can answer: put the value into the code instead")


def apply(environment: dict) -> dict:
    """Sets variables, and gives what to put back: None where there was none."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    return before


def restore(before: dict) -> None:
    """Undoes ``apply``."""
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
