"""What a cell prints, and what anything writes to the descriptors 1 and 2, as events in the order of writing.

The kernel reads descriptors 1 and 2 itself: a thread does while the cell waits, and whoever prints looks there first.
"""

import _signal
import _thread
import codecs
import fcntl
import os
import select
import sys
import time

from toolrt_kernel import _channel, _values
from toolrt_kernel._stream import Stream

_PIECE = 64 * 1024
_PIPE_SIZE = 1024 * 1024
# How long a line without its end may wait for the rest of it.
_TICK_MS = 20
_IDLE_TICKS = 5
_TICKS_BESIDE_THREADS = 10
# One print is one event until there are so many of them; then they share events.
_WINDOW_SECONDS = 0.05
_EVENTS_IN_WINDOW = 200
_NAMES = ("stdout", "stderr")


class Output:
    """Turns text into events; bounded by nothing, for the pipe to the host blocks."""

    def __init__(self, channel, interrupts):
        self._channel = channel
        self._interrupts = interrupts
        # Reentrant: a finalizer that prints may run inside of any allocation in here.
        self._lock = _thread.RLock()
        self._main = _thread.get_ident()
        self._call = 0
        self._stream = "stdout"
        self._parts = []
        self._size = 0
        self._whole = False
        self._since = 0.0
        self._window = 0.0
        self._events = 0
        self._ticking = False
        # What other threads have begun a line with: by thread and stream, the text and since when.
        self._begun = {}
        self._wake_in, self._wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._sources = {}
        self._poll = select.poll()
        self._decoders = {name: codecs.getincrementaldecoder("utf-8")("replace") for name in _NAMES}

    def install(self) -> None:
        """Takes over sys.stdout, sys.stderr and the descriptors 1 and 2."""
        for descriptor, name in enumerate(_NAMES, 1):
            read, write = os.pipe2(os.O_CLOEXEC)
            os.dup2(write, descriptor)
            os.close(write)
            os.set_blocking(read, False)
            # Code that holds the interpreter's lock while it writes would wait for itself on a small pipe.
            _enlarge(read)
            self._sources[read] = name
            self._poll.register(read, select.POLLIN)
            setattr(sys, name, Stream(name, self, descriptor))
        # Only the main thread is to be woken by SIGINT.
        _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGINT])
        _thread.start_new_thread(self._read_descriptors, ())
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [_signal.SIGINT])

    @property
    def is_child(self) -> bool:
        """Whether this is a forked child, which has only the descriptors."""
        return self._channel.is_abandoned

    def begin(self, call: int) -> None:
        """What comes from here on belongs to ``call``."""
        with self._lock:
            self._flush()
            self._call = call

    def end(self) -> None:
        """Sends all that was written; what comes later belongs to no call."""
        with self._lock:
            self._drain()
            self._flush()
            self._flush_begun(self._begun)
            for name, decoder in self._decoders.items():
                self._send_text(name, decoder.decode(b"", True))
            self._call = 0

    def write(self, stream: str, text: str) -> None:
        """Takes printed text."""
        is_main = _thread.get_ident() == self._main
        if is_main:
            self._interrupts.enter()
        try:
            with self._lock:
                if is_main:
                    self._take(stream, text)
                else:
                    self._take_of_thread(stream, text)
        finally:
            if is_main:
                self._interrupts.leave()

    def flush(self) -> None:
        """Sends what was written so far."""
        self.event(None)

    def event(self, payload) -> None:
        """Sends an event after what was written before it."""
        is_main = _thread.get_ident() == self._main
        if is_main:
            self._interrupts.enter()
        try:
            with self._lock:
                self._drain()
                self._flush()
                if self._begun and not is_main:
                    self._flush_begun((_thread.get_ident(), name) for name in _NAMES)
                if payload is not None:
                    self._channel.send(_channel.EVENT, self._call, payload)
        finally:
            if is_main:
                self._interrupts.leave()

    def _take(self, stream: str, text: str) -> None:
        if self._begun:
            running = sys._current_frames()
            self._flush_begun([key for key in self._begun if key[0] not in running])
        if not self._parts:
            self._drain()
            self._since = time.monotonic()
        elif stream is not self._stream or (self._whole and text != "\n" and self._has_room()):
            self._flush()
            self._since = time.monotonic()
        self._stream = stream
        self._parts.append(text)
        self._size += len(text)
        # print("x\n") writes its own end as a second piece, which must not become an event of its own.
        self._whole = text[-1:] == "\n"
        if self._size >= _PIECE:
            self._flush_whole()
        elif text == "\n" and self._has_room():
            self._flush()
        elif not self._ticking:
            self._wake()

    def _take_of_thread(self, stream: str, text: str) -> None:
        """Takes what another thread than the main one prints: whole lines only, for several threads may print at once."""
        key = _thread.get_ident(), stream
        before, since = self._begun.pop(key, ("", 0.0))
        whole = before + text
        if text[-1:] != "\n" and len(whole) < _PIECE:
            self._begun[key] = whole, since or time.monotonic()
            if not self._ticking:
                self._wake()
            return
        self._drain()
        self._put_before_begun(stream, whole)

    def _put_before_begun(self, stream: str, lines: str) -> None:
        """A line that the main thread has begun stays whole too."""
        begun, begun_stream, since = self._cut_begun(), self._stream, self._since
        if stream is not self._stream:
            self._flush()
        if not self._parts:
            self._since = time.monotonic()
        self._stream = stream
        self._parts.append(lines)
        self._size += len(lines)
        if self._size >= _PIECE or self._has_room() or (begun and stream is not begun_stream):
            self._flush()
        if begun:
            self._parts += begun
            self._size += sum(map(len, begun))
            self._stream, self._since = begun_stream, since
        self._whole = not begun
        if self._parts and not self._ticking:
            self._wake()

    def _cut_begun(self) -> list:
        at = len(self._parts)
        while at > 0 and self._parts[at - 1][-1:] != "\n":
            at -= 1
        begun = self._parts[at:]
        del self._parts[at:]
        return begun

    def _flush_whole(self) -> None:
        """Sends whole lines, or a line that is long by itself."""
        begun = self._cut_begun()
        if not self._parts:
            self._parts, begun = begun, []
        self._flush()
        self._parts = begun
        self._size = sum(map(len, begun))

    def _flush_begun(self, keys) -> None:
        for key in list(keys):
            if key in self._begun:
                self._send_text(key[1], self._begun.pop(key)[0])

    def _has_room(self) -> bool:
        now = time.monotonic()
        if now - self._window > _WINDOW_SECONDS:
            self._window = now
            self._events = 0
        return self._events < _EVENTS_IN_WINDOW

    def _flush(self) -> None:
        if self._parts:
            text = "".join(self._parts)
            self._parts = []
            self._size = 0
            self._whole = False
            self._send_text(self._stream, text)

    def _send_text(self, stream: str, text: str) -> None:
        self._events += 1
        for start in range(0, len(text), _PIECE):
            self._channel.send(_channel.EVENT, self._call, _values.text_event(stream, text[start:start + _PIECE]))

    def _drain(self) -> None:
        """Sends what lies in the pipes of the descriptors, at most what they hold: a child may write on for ever."""
        left = 2 * _PIPE_SIZE
        while left > 0:
            ready = self._poll.poll(0)
            if not ready:
                return
            for descriptor, _ in ready:
                left -= self._read_one(descriptor)

    def _read_one(self, descriptor: int) -> int:
        try:
            data = os.read(descriptor, _PIECE)
        except BlockingIOError:  # somebody else was quicker
            return 0
        name = self._sources[descriptor]
        self._append(name, self._decoders[name].decode(data))
        return len(data)

    def _append(self, stream: str, text: str) -> None:
        """Takes what was read; programs write a line in pieces, which wait for its end as printed ones do."""
        if not self._parts:
            self._since = time.monotonic()
        elif stream is not self._stream:
            self._flush()
            self._since = time.monotonic()
        self._stream = stream
        self._parts.append(text)
        self._size += len(text)
        if text[-1:] == "\n" or self._size >= _PIECE:
            self._flush()
        elif not self._ticking:
            self._wake()

    def _wake(self) -> None:
        self._ticking = True
        try:
            os.write(self._wake_out, b"x")
        except BlockingIOError:
            return

    def _read_descriptors(self) -> None:
        """The thread: reads the descriptors, and sends what waits for the end of its line."""
        waiting = select.poll()
        for descriptor in (*self._sources, self._wake_in):
            waiting.register(descriptor, select.POLLIN)
        idle = 0
        while True:
            ready = [descriptor for descriptor, _ in waiting.poll(_TICK_MS if self._ticking else None)]
            with self._lock:
                idle = 0 if ready or self._parts or self._begun else idle + 1
                self._ticking = self._ticking and idle < _IDLE_TICKS
                if self._wake_in in ready:
                    ready.remove(self._wake_in)
                    os.read(self._wake_in, _PIECE)
                for descriptor in ready:
                    self._read_one(descriptor)
                # Beside other threads the one that has begun a line may have to wait for its turn.
                ticks = 1 if _thread._count() == 1 else _TICKS_BESIDE_THREADS
                late = time.monotonic() - ticks * _TICK_MS / 1000
                if self._since < late:
                    self._flush()
                self._flush_begun([key for key, (_, since) in self._begun.items() if since < late])


def _enlarge(descriptor: int) -> None:
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
    except OSError:  # over the user's quota of pipes: it keeps the size that it has
        return
