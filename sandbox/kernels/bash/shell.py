"""A bash that lives on over cells: it keeps variables, functions, the folder, and survives an interrupt.

It is an interactive one, for only that goes back to its prompt at SIGINT instead of going on with the next command or dying.
It reads its prompt's lines from a pipe; the cell itself comes in a file in memory, whose end no text can fake.
"""

import fcntl
import os

_ARGUMENTS = ["bash", "--norc", "--noprofile", "--noediting", "-i", "+m", "+H"]
# In the shell: what it reports to, where cells lie, where error output goes once it has started in silence.
_REPORT, _CELL, _ERRORS = 18, 20, 21
_START = (f"trap '' INT; set +o history; unset HISTFILE; export -n PS1 PS2; __toolrt_status=0; __toolrt_traced=; __toolrt_last() {{ return $__toolrt_status; }}; "
          f"exec 2>&{_ERRORS} {_ERRORS}>&-\n")
# No function: in one, `declare` would make variables that end with it. Between cells SIGINT is ignored, for it would eat what is read.
# `set -x` of a cell does not trace what stands around cells, and what it makes of the prompt, as virtual environments do, is not shown.
_HIDE = "case $- in *x*) __toolrt_traced='set -x'; set +x;; esac"
_RUN = (f"__toolrt_ended=; {{ IFS= read -r -d '' -u {_CELL} __toolrt_before; IFS= read -r -d '' -u {_CELL} __toolrt_code; "
        f"IFS= read -r -d '' -u {_CELL} __toolrt_after; __toolrt_open=1; eval \"$__toolrt_before\"; trap - INT; "
        f"case $- in *e*) :;; *) __toolrt_last;; esac; eval \"$__toolrt_traced\"$'\\n'\"$__toolrt_code\" </dev/null {_REPORT}>&- {_CELL}>&-; }}; "
        f"{{ __toolrt_ended=$?; __toolrt_traced=; {_HIDE}; }} 2>/dev/null; PS0= PS1= PS2=; unset PROMPT_COMMAND\n")
# Said again where an interrupt may have eaten it: only the first that is heard counts. The empty line brings the parser to itself after an open quote.
_END = (f"\n{{ __toolrt_ended=${{__toolrt_ended:-$?}}; {_HIDE}; }} 2>/dev/null; trap '' INT; if [ -n \"$__toolrt_open\" ]; then __toolrt_open=; __toolrt_status=$__toolrt_ended; "
        f"eval \"$__toolrt_after\"; printf '%d\\n' \"$__toolrt_status\" >&{_REPORT}; fi\n")
_FIRST_DESCRIPTOR = 64


class Shell:
    """Runs one cell at a time; a shell that a cell ended is replaced by a fresh one."""

    def __init__(self):
        self._cell = _above(os.memfd_create("cell"))
        self.has_ended = False
        self._start()

    def run(self, code: str, environment: dict, folder) -> int:
        """Runs a cell; its exit code."""
        self.has_ended = False
        before, after = _around(environment, folder)
        content = b"".join(part.replace("\0", "").encode("utf-8", "replace") + b"\0" for part in (before, code, after))
        os.ftruncate(self._cell, 0)
        os.pwrite(self._cell, content, 0)
        os.lseek(self._cell, 0, os.SEEK_SET)
        os.write(self._lines, (_RUN + _END).encode())
        answer = b""
        while not answer.endswith(b"\n"):
            piece = os.read(self._report, 16)
            if not piece:
                return self._replace()
            answer += piece
        return int(answer)

    def end_again(self) -> None:
        """Says once more how a cell ends: an interrupt makes the shell forget the line that it is reading."""
        os.write(self._lines, _END.encode())

    def seed(self, seed: str) -> None:
        """Seeds $RANDOM anew."""
        self.run(f"RANDOM={int.from_bytes(seed.encode()[:4], 'little') % 32768}", {}, None)

    def _start(self) -> None:
        lines_in, self._lines = (_above(end) for end in os.pipe2(os.O_CLOEXEC))
        self._report, report_out = (_above(end) for end in os.pipe2(os.O_CLOEXEC))
        silence = _above(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC))
        copies = ((lines_in, 0), (2, _ERRORS), (silence, 2), (report_out, _REPORT), (self._cell, _CELL))
        actions = [(os.POSIX_SPAWN_DUP2, source, target) for source, target in copies]
        self._process = os.posix_spawnp("bash", _ARGUMENTS, {**os.environ, "PS1": "", "PS2": ""}, file_actions=actions)
        for end in (lines_in, report_out, silence):
            os.close(end)
        os.write(self._lines, _START.encode())

    def _replace(self) -> int:
        self.has_ended = True
        status = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])
        os.close(self._lines)
        os.close(self._report)
        self._start()
        return status


def _around(environment: dict, folder):
    """What to run before a cell and after it."""
    before = [] if folder is None else [f"cd -- {_quoted(folder)}"]
    after = []
    for name, value in environment.items():
        if not name.isidentifier():
            continue
        before.append(f"__toolrt_had_{name}=${{{name}+x}} __toolrt_old_{name}=${{{name}-}}; export {name}={_quoted(value)}")
        after.append(f"if [ -n \"$__toolrt_had_{name}\" ]; then export {name}=\"$__toolrt_old_{name}\"; else unset {name}; fi; "
                     f"unset __toolrt_had_{name} __toolrt_old_{name}")
    return "\n".join(before), "\n".join(after)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _above(descriptor: int) -> int:
    # Above those that have a meaning in the shell.
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_DESCRIPTOR)
    os.close(descriptor)
    return moved
