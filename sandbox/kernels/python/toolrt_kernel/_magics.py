"""Shell lines and the magics that people use: what ``get_ipython()`` gives."""

import os
import sys
import time
import types

from toolrt_kernel import _frontend, _listing, _shell, _taken


class UsageError(Exception):
    """A magic that is not known, or was used wrongly."""


class ZMQInteractiveShell:
    """The part of IPython's shell object that cells use, under the name by which libraries know a notebook."""

    def __init__(self, session):
        self._session = session
        self.user_ns = self.user_global_ns = session.namespace
        # Libraries look for it to tell a notebook from a terminal.
        self.kernel = types.SimpleNamespace()
        self.events = _frontend.Events()
        self.display_formatter = session.display.formatter
        self.config = {}
        # Libraries ask before they print in colours.
        self.colors = "NoColor"
        self._line = {
            "cd": self._cd, "pwd": lambda line: os.getcwd(), "env": self._env, "set_env": self._set_env, "time": self._time,
            "timeit": self._timeit, "pip": self._pip, "run": self._run, "who": self._who, "reset": self._reset, "sx": self.getoutput,
            "system": self.getoutput, "pinfo": self.pinfo, "lsmagic": self._list, "whos": self._whos, "who_ls": self._who_ls,
            "history": self._history, "hist": self._history,
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

    def register_magics(self, *magics) -> None:
        """Makes the marked methods of ``Magics`` classes or instances magics."""
        for each in magics:
            instance = each(self) if isinstance(each, type) else each
            for name in dir(type(instance)):
                for kind, magic_name in getattr(getattr(type(instance), name), "_toolrt_magic", ()):
                    self.register_magic_function(getattr(instance, name), kind, magic_name)

    @property
    def execution_count(self) -> int:
        """The number of the running cell."""
        return self._session.count

    def enable_gui(self, gui=None) -> None:
        """There is no screen: figures are shown as pictures."""

    def has_trait(self, name: str) -> bool:
        """None of IPython's settings are there."""
        return False

    def run_cell(self, source: str, **_):
        """Runs code as a cell does; its ``result`` is the value."""
        return types.SimpleNamespace(result=self._session.run_cell(source), success=True, error_in_exec=None, error_before_exec=None)

    def system(self, command: str) -> None:
        """Runs a command of the shell; its output is the cell's."""
        self.user_ns["_exit_code"] = _shell.run(_shell.expand(command, self.user_ns))
        # What the next command prints is an event of its own.
        sys.stdout.flush()

    def getoutput(self, command: str) -> _taken.SList:
        """The lines that a command prints."""
        code, text = _shell.capture(_shell.expand(command, self.user_ns))
        self.user_ns["_exit_code"] = code
        return _taken.SList(text.splitlines())

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

    def ex(self, code: str) -> None:
        """Runs code in the session."""
        exec(code, self.user_ns)

    def push(self, variables: dict, **_) -> None:
        """Sets variables in the session."""
        self.user_ns.update(variables)

    def _cd(self, line: str) -> None:
        is_quiet = line == "-q" or line.startswith("-q ")
        line = line[2:] if is_quiet else line
        target = os.path.expanduser(os.path.expandvars(line.strip().strip("'\""))) or os.path.expanduser("~")
        if target == "-":
            target = os.environ.get("OLDPWD", os.getcwd())
        os.environ["OLDPWD"] = os.getcwd()
        os.chdir(target)
        if not is_quiet:
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
        from toolrt_kernel import _timing

        cell = self._session.compile_statement(source)
        before, wall = os.times(), time.perf_counter()
        value = self._session.run(cell)
        wall, after = time.perf_counter() - wall, os.times()
        user, system = after.user - before.user, after.system - before.system
        user, system, total, wall = (_timing.duration(seconds) for seconds in (user, system, user + system, wall))
        print(f"CPU times: user {user}, sys: {system}, total: {total}\nWall time: {wall}")
        return value

    def _timeit(self, line: str):
        return self._timeit_cell(line, None)

    def _timeit_cell(self, line: str, cell: str | None):
        from toolrt_kernel import _timing

        return _timing.run(line, cell, self.user_ns)

    def _pip(self, line: str) -> None:
        self.system(f"{sys.executable} -m pip {line}")
        # What was installed is found without a restart.
        import importlib

        from toolrt_kernel import _environment

        importlib.invalidate_caches()
        _environment.read_links()

    def _run(self, line: str) -> None:
        import runpy
        import shlex

        words = shlex.split(line)
        is_inside = words[:1] == ["-i"]
        words = words[is_inside:]
        before = sys.argv
        sys.argv = words
        try:
            if is_inside:
                with open(words[0], "rb") as file:
                    exec(compile(file.read(), words[0], "exec"), self.user_ns)
            else:
                self.user_ns.update(runpy.run_path(words[0], run_name="__main__"))
        finally:
            sys.argv = before

    def _who(self, line: str) -> None:
        print("\t".join(_listing.names(self.user_ns)) or "Interactive namespace is empty.")

    def _whos(self, line: str) -> None:
        print(_listing.table(self.user_ns))

    def _who_ls(self, line: str) -> list:
        return _listing.names(self.user_ns)

    def _history(self, line: str) -> None:
        print(_listing.history(self._session.history.inputs, line))

    def _reset(self, line: str) -> None:
        for name in _listing.names(self.user_ns):
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
        words = line.split()
        kept = {f"no-{name}" for name in ("stdout", "stderr", "display")} & {word.lstrip("-") for word in words}
        with _taken.capture(self._session.display, "no-stdout" not in kept, "no-stderr" not in kept, "no-display" not in kept) as captured:
            self._session.run_and_show(cell)
        names = [word for word in words if not word.startswith("-")]
        if names:
            self.user_ns[names[0]] = captured
