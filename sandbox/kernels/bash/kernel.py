"""The bash kernel: docs/PROTOCOL.md section 3 on the file descriptors 3 (in) and 4 (out), over a bash that lives on.

bash cannot speak the framing itself: its strings hold no zero bytes. So this small program does, with the Python kernel's own
modules, and gives each cell to the shell in a file in memory.
"""

import _signal
import os
import sys

sys.path[0] = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python")

from toolrt_kernel import _channel, _values  # noqa: E402
from toolrt_kernel._channel import Channel  # noqa: E402
from toolrt_kernel._interrupts import Interrupts  # noqa: E402
from toolrt_kernel._output import Output  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from shell import Shell  # noqa: E402

CONTROL_IN = 3
CONTROL_OUT = 4


# The shell lets a command go on that the signal met between its fork and its start: so it is sent until the cell has ended.
AGAIN_SECONDS = 0.1


class Interruption(Interrupts):
    """Remembers that there was a SIGINT: the shell has had it too, and ends what runs."""

    def __init__(self):
        super().__init__()
        self.was = False
        self.shell = None
        _signal.signal(_signal.SIGALRM, self._again)

    def begin(self) -> None:
        super().begin()
        self.was = False

    def end(self) -> None:
        super().end()
        _signal.setitimer(_signal.ITIMER_REAL, 0)

    def _again(self, _number, _frame) -> None:
        os.killpg(os.getpgrp(), _signal.SIGINT)
        self.shell.end_again()

    def _handle(self, _number, _frame) -> None:
        if self._running:
            self.was = True
            _signal.setitimer(_signal.ITIMER_REAL, AGAIN_SECONDS)


class Kernel:
    """Cells in, events out."""

    def __init__(self, channel):
        self._channel = channel
        self._interruption = Interruption()
        self._output = Output(channel, self._interruption)
        self._output.install()
        # After the output: the shell inherits its pipes.
        self._shell = self._interruption.shell = Shell()
        self._count = 0

    def run(self) -> None:
        """Serves until SHUTDOWN or the end of the pipe."""
        self._channel.send(_channel.READY, 0, _values.encode({"language": "bash", "pid": os.getpid()}))
        while True:
            frame = self._channel.read()
            if frame is None or frame[0] == _channel.SHUTDOWN:
                os._exit(0)
            kind, call, payload = frame
            if kind == _channel.EXECUTE:
                self._execute(call, _values.decode(payload))
            elif kind == _channel.RESTORED:
                self._shell.seed(_values.decode(payload)["seed"])

    def _execute(self, call: int, request: dict) -> None:
        self._count += 1
        self._output.begin(call)
        self._event({"type": "number_of_executions", "execution_count": self._count})
        self._interruption.begin()
        status = self._shell.run(request["code"], request.get("env") or {}, request.get("cwd"))
        self._interruption.end()
        # Looks into the pipes before the error, which comes after what was printed.
        self._output.flush()
        if self._interruption.was:
            self._event({"type": "error", "name": "KeyboardInterrupt", "value": "", "traceback": ""})
        elif status != 0:
            ended = "; the shell has ended with its variables, the next cell gets a fresh one" if self._shell.has_ended else ""
            self._event({"type": "error", "name": "ExitCode", "value": str(status), "traceback": f"exit code {status}{ended}"})
        self._output.end()
        self._channel.send(_channel.DONE, call, _values.encode({"execution_count": self._count}))

    def _event(self, event: dict) -> None:
        self._output.event(_values.encode(event))


if __name__ == "__main__":
    Kernel(Channel(CONTROL_IN, CONTROL_OUT)).run()
