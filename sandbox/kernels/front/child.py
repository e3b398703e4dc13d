"""The interpreter: requests go to its descriptor 20, what it says comes from 21, and each of these is acknowledged on 22.

All are lists of byte strings: u32 count, then u32 length and the bytes of each, big-endian. What it says has a u32 before, which the
acknowledgement repeats: the interpreter goes on only when what it has shown is on its way, so that what its children print comes after.
"""

import _signal as signal
import _thread
import fcntl
import io
import os
import struct

_REQUESTS, _REPLIES, _ACKNOWLEDGED = 20, 21, 22
_FIRST_DESCRIPTOR = 64
_OURS = (signal.SIGINT, signal.SIGPIPE)
_NUMBER = struct.Struct(">I")


class Child:
    """One interpreter after the other: a cell may end it."""

    def __init__(self, command: list, take):
        self._command = command
        self._take = take
        self._process = 0
        self.has_ended = True

    def start(self):
        """Starts one and waits until it says that it is ready; its version, or None where it ended instead."""
        requests, replies, acknowledged = (tuple(_above(end) for end in os.pipe2(os.O_CLOEXEC)) for _ in range(3))
        copies = ((requests[0], _REQUESTS), (replies[1], _REPLIES), (acknowledged[0], _ACKNOWLEDGED))
        actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
        actions += [(os.POSIX_SPAWN_DUP2, source, target) for source, target in copies]
        # A group of its own: between cells nothing is to be interrupted. And Python's own ways with signals are not for others.
        self._process = os.posix_spawn(self._command[0], self._command, os.environ, file_actions=actions, setpgroup=0, setsigdef=_OURS)
        for end in (requests[0], replies[1], acknowledged[0]):
            os.close(end)
        self._requests, self._acknowledged = requests[1], acknowledged[1]
        self._reader = io.open(replies[0], "rb")
        first = self._receive()
        if first is None:
            self.has_ended = True
            return None
        self._acknowledge(first[0])
        self.has_ended = False
        # Only the main thread is to be woken by SIGINT.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        _thread.start_new_thread(self._listen, ())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        return str(first[1][1], "utf-8", "replace")

    def send(self, *fields: str) -> None:
        """Sends a request; nothing where it has ended."""
        encoded = [field.replace("\0", "").encode("utf-8", "replace") for field in fields]
        data = memoryview(b"".join([_NUMBER.pack(len(encoded)), *(_NUMBER.pack(len(field)) + field for field in encoded)]))
        try:
            while data:
                data = data[os.write(self._requests, data):]
        except BrokenPipeError:
            return

    def interrupt(self) -> None:
        """SIGINT to it and its children."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """Ends it and its children."""
        self._signal(signal.SIGKILL)

    def status(self) -> int:
        """Its exit code, once it has ended."""
        os.close(self._requests)
        os.close(self._acknowledged)
        self._reader.close()
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self._process, number)
        except ProcessLookupError:
            return

    def _listen(self) -> None:
        while True:
            received = self._receive()
            if received is None:
                self.has_ended = True
                self._take(None)
                return
            number, fields = received
            self._take(fields)
            self._acknowledge(number)

    def _acknowledge(self, number: int) -> None:
        try:
            os.write(self._acknowledged, _NUMBER.pack(number))
        except BrokenPipeError:
            return

    def _receive(self):
        try:
            number, count = self._number(), self._number()
            return number, [self._exactly(self._number()) for _ in range(count)]
        except EOFError:
            return None

    def _number(self) -> int:
        return _NUMBER.unpack(self._exactly(_NUMBER.size))[0]

    def _exactly(self, length: int) -> bytes:
        data = self._reader.read(length)
        if len(data) < length:
            raise EOFError
        return data


def _above(descriptor: int) -> int:
    # Above those that have a meaning in the interpreter.
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_DESCRIPTOR)
    os.close(descriptor)
    return moved
