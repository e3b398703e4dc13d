"""Shell lines and the magics that people use: what ``get_ipython()`` gives."""

import os
import sys
import time

from toolrt_kernel import _frontend, _shell


class UsageError(Exception):
    """A magic that is not known, or was used wrongly."""


class Shell:
    """The part of IPython's shell object that cells use."""

    def __init__(self, session):
        self._session = session
        self.user_ns = session.namespace
        self.events = _frontend.Events()
        self.display_formatter = session.display.formatter
        self.config = {}
        self._line = {
            "cd": self._cd, "pwd": lambda line: os.getcwd(), "env": self._env, "set_env": self._set_env, "time": self._time,
            "timeit": self._timeit, "pip": self._pip, "run": self._run, "who": self._who, "reset": self._reset, "sx": self.getoutput,
            "system": self.system, "pinfo": self.pinfo, "lsmagic": self._list,
        }
        # Settings of things that are as they should be, or that there are none of.
        for name in ("matplotlib", "load_ext", "reload_ext", "autoreload", "config", "precision", "xmode", "colors", "automagic", "autocall"):
            self._line[name] = lambda line: None
        for name in ("ls", "cat", "mkdir", "rm", "cp", "mv", "head", "tail", "grep", "less", "rmdir", "ln"):
            self._line[name] = lambda line, command=name: self.system(f"{command} {line}")
        self._cell = {
            "bash": self._bash, "sh": self._bash, "time": self._time_cell, "timeit": self._timeit_cell, "writefile": self._write_file,
            "file": self._write_file, "capture": self._capture, "script": self._script, "python": self._python, "python3": self._python,
        }
        for name, mime in (("html", "text/html"), ("HTML", "text/html"), ("markdown", "text/markdown"), ("latex", "text/latex"),
                           ("svg", "image/svg+xml"), ("SVG", "image/svg+xml"), ("javascript", "application/javascript"), ("js", "application/javascript")):
            self._cell[name] = lambda line, body, mime=mime: session.display.send({mime: body}, False)

    def run_line_magic(self, name: str, line: str, _stack_depth=1):
        """Runs ``%name line``."""
        if name not in self._line:
            raise UsageError(f"Line magic function `%{name}` not found.")
        return self._line[name](line)

    def run_cell_magic(self, name: str, line: str, cell: str):
        """Runs ``%%name line`` over a body."""
        if name not in self._cell:
            raise UsageError(f"Cell magic `%%{name}` not found.")
        return self._cell[name](line, cell)

    magic = run_line_magic

    def register_magic_function(self, function, magic_kind: str = "line", magic_name: str | None = None) -> None:
        """Makes a function a magic: of a ``line``, of a ``cell``, or of both (``line_cell``)."""
        for kind, magics in (("line", self._line), ("cell", self._cell)):
            if kind in magic_kind:
                magics[magic_name or function.__name__] = function

    def enable_gui(self, gui=None) -> None:
        """There is no screen: figures are shown as pictures."""

    def has_trait(self, name: str) -> bool:
        """None of IPython's settings are there."""
        return False

    def run_cell(self, source: str, **_):
        """Runs code as a cell does."""
        self._session.run_cell(source)

    def system(self, command: str) -> None:
        """Runs a command of the shell; its output is the cell's."""
        self.user_ns["_exit_code"] = _shell.run(_shell.expand(command, self.user_ns))
        # What the next command prints is an event of its own.
        sys.stdout.flush()

    def getoutput(self, command: str) -> list:
        """The lines that a command prints."""
        code, text = _shell.capture(_shell.expand(command, self.user_ns))
        self.user_ns["_exit_code"] = code
        return text.splitlines()

    def pinfo(self, name: str) -> None:
        """Prints what an object is."""
        import inspect

        value = eval(name, self.user_ns)
        print(f"Type:      {type(value).__name__}")
        if callable(value):
            try:
                print(f"Signature: {name}{inspect.signature(value)}")
            except (TypeError, ValueError):
                pass
        print(f"String form: {value!r:.200}")
        if inspect.getdoc(value):
            print(f"Docstring:\n{inspect.getdoc(value)}")

    def ev(self, expression: str):
        """The value of an expression in the session."""
        return eval(expression, self.user_ns)

    def push(self, variables: dict, **_) -> None:
        """Sets variables in the session."""
        self.user_ns.update(variables)

    def _cd(self, line: str) -> None:
        target = os.path.expanduser(os.path.expandvars(line.strip().strip("'\""))) or os.path.expanduser("~")
        if target == "-":
            target = os.environ.get("OLDPWD", os.getcwd())
        os.environ["OLDPWD"] = os.getcwd()
        os.chdir(target)
        print(os.getcwd())

    def _env(self, line: str):
        name, equals, value = line.partition("=")
        if equals:
            return self._assign(name.strip(), value.strip())
        parts = line.split(None, 1)
        if len(parts) == 2:
            return self._assign(*parts)
        return os.environ.get(line.strip()) if line.strip() else dict(os.environ)

    def _set_env(self, line: str) -> None:
        name, _, value = line.replace("=", " ", 1).partition(" ")
        self._assign(name.strip(), value.strip())

    def _assign(self, name: str, value: str) -> None:
        os.environ[name] = _shell.expand(value, self.user_ns)
        print(f"env: {name}={os.environ[name]}")

    def _time(self, line: str):
        return self._timed(line)

    def _time_cell(self, line: str, cell: str):
        return self._timed(cell)

    def _timed(self, source: str):
        code = self._session.compile_statement(source)
        before, wall = os.times(), time.perf_counter()
        value = None
        if code.body is not None:
            self._session.evaluate(code.body)
        if code.last is not None:
            value = self._session.evaluate(code.last)
        wall, after = time.perf_counter() - wall, os.times()
        user, system = after.user - before.user, after.system - before.system
        print(f"CPU times: user {_duration(user)}, sys: {_duration(system)}, total: {_duration(user + system)}\nWall time: {_duration(wall)}")
        return value

    def _timeit(self, line: str) -> None:
        self._repeat(line, "pass")

    def _timeit_cell(self, line: str, cell: str) -> None:
        self._repeat(cell, line or "pass")

    def _repeat(self, statement: str, setup: str) -> None:
        import statistics
        import timeit

        words = statement.split()
        counts = {"-n": 0, "-r": 7}
        while words and words[0][:2] in counts:
            word = words.pop(0)
            counts[word[:2]] = int(word[2:] or words.pop(0))
            statement = statement.split(None, 1 if word[2:] else 2)[-1]
        timer = timeit.Timer(statement, setup, globals=self.user_ns)
        number = counts["-n"] or timer.autorange()[0]
        times = [total / number for total in timer.repeat(counts["-r"], number)]
        spread = statistics.pstdev(times)
        print(f"{_duration(statistics.mean(times))} ± {_duration(spread)} per loop (mean ± std. dev. of {len(times)} runs, {number:,} loops each)")

    def _pip(self, line: str) -> None:
        self.system(f"{sys.executable} -m pip {line}")
        # What was installed is found without a restart.
        import importlib

        importlib.invalidate_caches()

    def _run(self, line: str) -> None:
        import runpy
        import shlex

        words = shlex.split(line)
        before = sys.argv
        sys.argv = words
        try:
            self.user_ns.update(runpy.run_path(words[0], run_name="__main__"))
        finally:
            sys.argv = before

    def _who(self, line: str) -> None:
        print("\t".join(name for name in self.user_ns if not name.startswith("_") and name not in ("display", "get_ipython")))

    def _reset(self, line: str) -> None:
        for name in [name for name in self.user_ns if not name.startswith("_") and name not in ("display", "get_ipython")]:
            del self.user_ns[name]

    def _list(self, line: str) -> None:
        print("%" + "  %".join(sorted(self._line)) + "\n%%" + "  %%".join(sorted(self._cell)))

    def _bash(self, line: str, cell: str) -> None:
        self._script("bash " + line, cell)

    def _python(self, line: str, cell: str) -> None:
        self._script(f"{sys.executable} {line}", cell)

    def _script(self, line: str, cell: str) -> None:
        import shlex

        code = _shell.run_with_input(shlex.split(line), cell)
        self.user_ns["_exit_code"] = code
        if code != 0:
            raise _shell.CommandFailed(f"Command '{line.strip()}' returned non-zero exit status {code}.")

    def _write_file(self, line: str, cell: str) -> None:
        words = line.split()
        mode = "w"
        if words[:1] == ["-a"]:
            mode = words.pop(0)[1]
        path = os.path.expanduser(_shell.expand(" ".join(words), self.user_ns))
        print(("Appending to " if mode == "a" else "Overwriting " if os.path.exists(path) else "Writing ") + path)
        with open(path, mode) as file:
            file.write(cell if cell.endswith("\n") else cell + "\n")

    def _capture(self, line: str, cell: str) -> None:
        import contextlib
        import io

        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = self._session.compile_statement(cell)
            for part in (code.body, code.last):
                if part is not None:
                    self._session.evaluate(part)
        names = [word for word in line.split() if not word.startswith("-")]
        if names:
            self.user_ns[names[0]] = Captured(output.getvalue(), errors.getvalue())


class Captured:
    """What ``%%capture`` caught."""

    def __init__(self, stdout: str, stderr: str):
        self.stdout = stdout
        self.stderr = stderr

    def __str__(self) -> str:
        return self.stdout

    def show(self) -> None:
        """Prints it."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
