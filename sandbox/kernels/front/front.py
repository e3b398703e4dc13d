"""A kernel whose interpreter is a child of this program: docs/PROTOCOL.md section 3 on one side, front/child.py on the other.

The framing, what children print, and the order of both are the Python kernel's own modules; an interpreter has to read cells and say what
they show.
"""

import _thread
import os
import sys

sys.path[0] = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python")

from toolrt_kernel import _channel, _values  # noqa: E402
from toolrt_kernel._channel import Channel  # noqa: E402
from toolrt_kernel._interrupts import Interrupts  # noqa: E402
from toolrt_kernel._output import Output  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from child import Child  # noqa: E402
from events import event_of  # noqa: E402

CONTROL_IN = 3
CONTROL_OUT = 4


class Interruption(Interrupts):
    """Hands SIGINT on to the interpreter while a cell runs: it is in a group of its own, for between cells nothing is to be interrupted."""

    child = None

    def _handle(self, _number, _frame) -> None:
        if self._running:
            self.child.interrupt()


class Opening:
    """Until READY, which is the first frame, what the interpreter prints is the worker's own output."""

    def __init__(self, channel):
        self._channel = channel
        self._errors = os.dup(2)
        self.is_ready = False

    @property
    def is_abandoned(self) -> bool:
        """As the channel's."""
        return self._channel.is_abandoned

    def send(self, kind: int, call: int, payload: bytes) -> None:
        """Writes one frame, or what it says."""
        if self.is_ready:
            self._channel.send(kind, call, payload)
        else:
            os.write(self._errors, _values.decode(payload)["text"].encode("utf-8", "replace"))


class Front:
    """Cells in, events out."""

    def __init__(self, language: str, command: list):
        self._language = language
        self._channel = Channel(CONTROL_IN, CONTROL_OUT)
        self._opening = Opening(self._channel)
        self._interruption = Interruption()
        self._output = Output(self._opening, self._interruption)
        self._output.install()
        self._done = _thread.allocate_lock()
        self._done.acquire()
        self._count = 0
        # After the output: the interpreter inherits its pipes.
        self._child = self._interruption.child = Child(command, self._take)

    def run(self) -> None:
        """Serves until SHUTDOWN or the end of the pipe."""
        version = self._child.start()
        if version is None:
            self._output.end()
            os._exit(1)
        ready = {"language": self._language, "version": version, "pid": os.getpid()}
        self._channel.send(_channel.READY, 0, _values.encode(ready))
        self._opening.is_ready = True
        while True:
            frame = self._channel.read()
            if frame is None or frame[0] == _channel.SHUTDOWN:
                self._child.kill()
                os._exit(0)
            self._serve(*frame)

    def _serve(self, kind: int, call: int, payload: bytes) -> None:
        if kind == _channel.EXECUTE:
            self._execute(call, _values.decode(payload))
        elif kind == _channel.ENVIRONMENT:
            variables = _values.decode(payload)["set"]
            os.environ.update(variables)
            self._child.send("environment", *_flat(variables))
            self._channel.send(_channel.DONE, call, b"{}")
        elif kind == _channel.RESTORED:
            self._child.send("restored", _values.decode(payload)["seed"])

    def _execute(self, call: int, request: dict) -> None:
        self._count += 1
        self._output.begin(call)
        self._event({"type": "number_of_executions", "execution_count": self._count})
        self._interruption.begin()
        self._child.send("cell", str(self._count), request["code"], request.get("cwd") or "", *_flat(request.get("env") or {}))
        self._done.acquire()
        self._interruption.end()
        if self._child.has_ended:
            self._replace()
        self._output.end()
        self._channel.send(_channel.DONE, call, _values.encode({"execution_count": self._count}))

    def _replace(self) -> None:
        """A cell that ends its interpreter gets a fresh one, as a shell does."""
        status = self._child.status()
        self._event({"type": "error", "name": "SystemExit", "value": str(status), "traceback": f"the interpreter ended with exit code {status}"})
        if self._child.start() is None:
            self._output.end()
            os._exit(1)

    def _take(self, fields) -> None:
        """What the interpreter says, on the thread that listens to it; None when it has ended."""
        if fields is None or fields[0] == b"done":
            # It may end right after a cell.
            if self._done.locked():
                self._done.release()
        elif fields[0] == b"print":
            self._output.write(str(fields[1], "ascii"), str(fields[2], "utf-8", "replace"))
            if fields[2].endswith(b"\n"):
                self._output.flush()
        else:
            self._event(event_of(fields))

    def _event(self, event: dict) -> None:
        self._output.event(_values.encode(event))


def _flat(variables: dict):
    return [part for pair in variables.items() for part in pair]


def main(language: str, program: str, command: list) -> None:
    """Runs a kernel, where the image has its interpreter."""
    if not os.access(program, os.X_OK):
        sys.stderr.write(f"{program} is not in this image\n")
        sys.exit(127)
    Front(language, command).run()
