"""stdout and stderr of each call as LOG frames of whole lines, bounded; what no call prints goes to the process's own."""

import _thread
import contextvars
import sys
import threading
import time

from toolruntime import _channel
from toolruntime._json import encode

_COALESCE_SECONDS = 0.02
_COALESCE_CHARACTERS = 8 * 1024
_LONGEST_LINE = 64 * 1024

# The Call that runs in this thread or task.
current_call = contextvars.ContextVar("toolruntime_call", default=None)


class Output:
    """What one call prints. A line waits for others at most 20 ms; after the budget there is one mark and then nothing."""

    __slots__ = ("_channel", "_call", "_left", "_limit", "_over", "_parts", "_size", "_sent", "_lock", "_flusher")

    def __init__(self, channel, call: int, limit: int, flusher: "Flusher"):
        self._channel = channel
        self._call = call
        self._left = self._limit = limit
        self._over = False
        self._parts = []
        self._size = 0
        self._sent = 0.0
        self._lock = threading.Lock()
        self._flusher = flusher

    def write(self, stream: str, text: str) -> None:
        """Takes printed text, in whole or part lines."""
        if self._over:
            return
        with self._lock:
            text = self._charge(text)
            self._parts.append((stream, text))
            self._size += len(text)
            if self._over:
                self._flush(True)
                self._mark()
            elif self._size >= _COALESCE_CHARACTERS:
                self._flush(False)
            elif "\n" in text:
                self._due()

    def log(self, level: str, text: str) -> None:
        """One log line of a level, at once and after what was printed before it."""
        with self._lock:
            self._flush(False)
            if self._over:
                return
            self._send("log", level, self._charge(text))
            if self._over:
                self._mark()

    def flush(self) -> None:
        """Sends the whole lines."""
        if self._parts:
            with self._lock:
                self._flush(False)

    def finish(self) -> None:
        """Sends everything; what comes after the call's end is not the call's."""
        with self._lock:
            self._flush(True)
            self._over = True

    def _charge(self, text: str) -> str:
        text = text[: self._left + 1]
        size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        if size > self._left:
            self._over = True
            text = text.encode("utf-8", "replace")[: self._left].decode("utf-8", "ignore")
            size = self._left
        self._left -= size
        return text

    def _due(self) -> None:
        now = time.monotonic()
        if now - self._sent >= _COALESCE_SECONDS:
            self._flush(False)
        else:
            self._flusher.add(self)

    def _flush(self, everything: bool) -> None:
        parts, self._parts, self._size = self._parts, [], 0
        whole, rest = (parts, []) if everything else _split(parts)
        for stream in ("stdout", "stderr"):
            text = "".join(part for name, part in whole if name == stream)
            if text:
                self._send(stream, "info" if stream == "stdout" else "error", text)
        self._parts = rest
        self._size = sum(len(part) for _, part in rest)
        self._sent = time.monotonic()

    def _mark(self) -> None:
        self._send("log", "warning", f"[output truncated after {self._limit} bytes]")

    def _send(self, stream: str, level: str, text: str) -> None:
        # JSON may make six characters of one, and a frame has its own limit.
        for start in range(0, len(text), 1024 * 1024):
            piece = {"stream": stream, "level": level, "text": text[start:start + 1024 * 1024]}
            self._channel.send(_channel.LOG, self._call, encode(piece))


class Flusher:
    """One thread, started when a line first has to wait, that sends what waits."""

    def __init__(self):
        self._waiting = set()
        self._wake = threading.Event()
        self._started = False

    def add(self, output: Output) -> None:
        """Sends the output's whole lines soon."""
        self._waiting.add(output)
        if not self._started:
            self._started = True
            try:
                _thread.start_new_thread(self._run, ())
            except RuntimeError:  # no room for a thread: lines wait for the next ones or for the call's end
                return
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            _sleep(_COALESCE_SECONDS)
            while self._waiting:
                self._waiting.pop().flush()


class Stream:
    """Stands for sys.stdout or sys.stderr: text goes to the call that prints it."""

    encoding = "utf-8"
    errors = "replace"
    newlines = None
    closed = False

    def __init__(self, name: str, original):
        self.name = f"<{name}>"
        self._name = name
        self._original = original
        self.buffer = _Bytes(self)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        call = current_call.get()
        if call is not None and not call.is_answered:
            call.output.write(self._name, text)
        else:
            self._original.write(text)
        return len(text)

    def writelines(self, lines) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if current_call.get() is None:
            self._original.flush()

    def fileno(self) -> int:
        return self._original.fileno()

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def reconfigure(self, **_) -> None:
        """Accepted for libraries that call it; the encoding stays UTF-8."""

    def close(self) -> None:
        """Accepted; a call cannot close its output."""


class _Bytes:
    """sys.stdout.buffer."""

    def __init__(self, stream: Stream):
        self._stream = stream

    def write(self, data) -> int:
        self._stream.write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


def install() -> None:
    """Replaces sys.stdout and sys.stderr; a thread that a call starts prints for the call."""
    start = threading.Thread.start

    def start_in_context(thread):
        run, context = thread.run, contextvars.copy_context()
        thread.run = lambda: context.run(run)
        start(thread)

    threading.Thread.start = start_in_context
    for name in ("stdout", "stderr"):
        original = getattr(sys, name)
        original.reconfigure(errors="replace", line_buffering=True)
        setattr(sys, name, Stream(name, original))


def _split(parts):
    """Whole lines of each stream, and the rest of each that has no end of line yet."""
    whole, rest = [], []
    for stream in ("stdout", "stderr"):
        text = "".join(part for name, part in parts if name == stream)
        end = len(text) if len(text) > _LONGEST_LINE else text.rfind("\n") + 1
        if end:
            whole.append((stream, text[:end]))
        if end < len(text):
            rest.append((stream, text[end:]))
    return whole, rest


# Kept before the worker replaces time.sleep by one that a cancellation interrupts.
_sleep = time.sleep
