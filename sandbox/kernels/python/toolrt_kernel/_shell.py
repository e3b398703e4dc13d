"""Commands of the shell, without the package subprocess, whose import costs more than most commands."""

import os
import re
import time

_SHELL = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"
_PYTHON_VALUE = re.compile(r"\{([^{}]+)\}|\$\$|\$([A-Za-z_]\w*)")
# What an interrupted command has to end by itself: it has had the signal too.
_GRACE_SECONDS = 0.5
_STEP_SECONDS = 0.02


class CommandFailed(Exception):
    """A script that ended with an exit code."""


def expand(command: str, namespace: dict) -> str:
    """With ``{expression}`` and ``$name`` of the session in place; the shell's own stay."""

    def value(match) -> str:
        expression, name = match.group(1), match.group(2)
        if name is not None:
            return str(namespace[name]) if name in namespace else match.group(0)
        if expression is None:
            return "$"
        try:
            return str(eval(expression, namespace))
        except Exception:  # not Python: braces of the shell
            return match.group(0)

    return _PYTHON_VALUE.sub(value, command)


def run(command: str) -> int:
    """Runs a command on the kernel's own output; its exit code, negative for a signal."""
    return _wait(_spawn([_SHELL, "-c", command], []))


def capture(command: str):
    """``(exit code, what it prints)``."""
    read, write = os.pipe2(os.O_CLOEXEC)
    process = _spawn([_SHELL, "-c", command], [(os.POSIX_SPAWN_DUP2, write, 1)])
    os.close(write)
    with open(read, "rb") as output:
        try:
            text = output.read()
        except BaseException:
            _end(process)
            raise
    return _wait(process), text.decode("utf-8", "replace")


def run_with_input(arguments, text: str) -> int:
    """Runs a program that reads ``text`` as its input."""
    import tempfile

    # A file and not a pipe: nobody has to write while the program runs.
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.seek(0)
        return _wait(_spawn(arguments, [(os.POSIX_SPAWN_DUP2, file.fileno(), 0)]))


def _spawn(arguments, actions) -> int:
    return os.posix_spawnp(arguments[0], arguments, os.environ, file_actions=actions)


def _wait(process: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    except KeyboardInterrupt:
        _end(process)
        raise


def _end(process: int) -> None:
    try:
        os.kill(process, 2)
        for _ in range(int(_GRACE_SECONDS / _STEP_SECONDS)):
            if os.waitpid(process, os.WNOHANG)[0] != 0:
                return
            time.sleep(_STEP_SECONDS)
        os.kill(process, 9)
        os.waitpid(process, 0)
    except (ProcessLookupError, ChildProcessError):
        # It had ended, and the interrupt came as that was heard.
        return
