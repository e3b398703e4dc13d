"""Frames in, cells run one after the other, DONE out."""

import os
import sys

from toolrt_kernel import _channel, _values
from toolrt_kernel._environment import import_ahead
from toolrt_kernel._interrupts import Interrupts
from toolrt_kernel._output import Output
from toolrt_kernel._session import Session, apply, restore


class Server:
    """One kernel."""

    def __init__(self, channel):
        self._channel = channel
        self._interrupts = Interrupts()
        self._output = Output(channel, self._interrupts)
        self._session = Session(self._output, self._interrupts)

    def run(self) -> None:
        """Serves until SHUTDOWN or the end of the pipe."""
        # Not before: READY is the first frame, and what libraries print when they are imported ahead is the worker's own output.
        self._output.install()
        ready = {"language": "python", "version": sys.version.split(maxsplit=1)[0], "pid": os.getpid()}
        self._channel.send(_channel.READY, 0, _values.encode(ready))
        import_ahead(self._channel.has_input)
        while True:
            frame = self._channel.read()
            if frame is None or frame[0] == _channel.SHUTDOWN:
                os._exit(0)
            kind, call, payload = frame
            if kind == _channel.EXECUTE:
                self._execute(call, _values.decode(payload))
            elif kind == _channel.ENVIRONMENT:
                apply(_values.decode(payload)["set"])
                self._channel.send(_channel.DONE, call, b"{}")
            elif kind == _channel.RESTORED:
                from toolrt_kernel import _restored

                _restored.reseed(_values.decode(payload))

    def _execute(self, call: int, request: dict) -> None:
        self._output.begin(call)
        before = {}
        try:
            before = apply(request.get("env") or {})
            if request.get("cwd"):
                os.chdir(request["cwd"])
            self._session.execute(request["code"])
        except (OSError, ValueError, TypeError) as error:  # what the host asked for cannot be: a folder, a variable's name
            event = {"type": "error", "name": type(error).__name__, "value": str(error), "traceback": ""}
            self._output.event(_values.encode(event))
        finally:
            restore(before)
            _flush_native()
            self._output.end()
            self._channel.send(_channel.DONE, call, _values.encode({"execution_count": self._session.count}))


def _flush_native() -> None:
    """What C code printed lies in a buffer of the C library, where it knows descriptor 1 to be a pipe."""
    ctypes = sys.modules.get("ctypes")
    if ctypes is not None:
        ctypes.CDLL(None).fflush(None)
