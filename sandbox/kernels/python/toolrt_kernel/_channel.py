"""Frames on a pair of pipes: u32 length, u8 type, u32 call, payload; little-endian."""

import _thread
import fcntl
import io
import os
import select
import struct

EXECUTE, SHUTDOWN, RESTORED, ENVIRONMENT = 2, 5, 6, 7
READY, DONE, EVENT = 16, 19, 21

MAXIMUM_PAYLOAD = 64 * 1024 * 1024
_READ_SIZE = 64 * 1024
_FIRST_DESCRIPTOR = 64
_HEADER = struct.Struct("<IBI")
_AFTER_LENGTH = 5


class FrameTooLarge(Exception):
    """A payload above MAXIMUM_PAYLOAD."""


class Channel:
    """One thread reads; every thread may send, and is slowed by a host that does not read."""

    def __init__(self, descriptor_in: int, descriptor_out: int):
        # Away from 3 and 4 and closed on exec, so that neither a child nor a stray write meets the protocol.
        self._in = _move(descriptor_in)
        self._descriptor_out = _move(descriptor_out)
        self._reader = io.open(self._in, "rb", buffering=_READ_SIZE, closefd=False)
        self._lock = _thread.allocate_lock()
        self._abandoned = False

    def read(self):
        """The next frame as (type, call, payload); None at the end of the pipe."""
        header = self._reader.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return None
        length, kind, call = _HEADER.unpack(header)
        if not _AFTER_LENGTH <= length <= MAXIMUM_PAYLOAD + _AFTER_LENGTH:
            raise ValueError(f"frame of {length} bytes")
        payload = self._reader.read(length - _AFTER_LENGTH)
        return None if len(payload) < length - _AFTER_LENGTH else (kind, call, payload)

    def send(self, kind: int, call: int, payload: bytes) -> None:
        """Writes one frame whole. The caller sees to it that no interrupt is raised meanwhile."""
        if len(payload) > MAXIMUM_PAYLOAD:
            raise FrameTooLarge(f"{len(payload)} bytes, at most {MAXIMUM_PAYLOAD}")
        frame = _HEADER.pack(len(payload) + _AFTER_LENGTH, kind, call) + payload
        with self._lock:
            if self._abandoned:
                return
            sent = os.write(self._descriptor_out, frame)
            while sent < len(frame):
                sent += os.write(self._descriptor_out, memoryview(frame)[sent:])

    def has_input(self) -> bool:
        """Whether the host has written, or gone."""
        waiting = select.poll()
        waiting.register(self._in, select.POLLIN)
        return bool(waiting.poll(0))

    @property
    def is_abandoned(self) -> bool:
        """Whether this is a forked child."""
        return self._abandoned

    def abandon(self) -> None:
        """Lets go of both ends without writing: for a forked child."""
        self._abandoned = True
        self._lock = _thread.allocate_lock()
        os.close(self._in)
        os.close(self._descriptor_out)


def _move(descriptor: int) -> int:
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_DESCRIPTOR)
    os.close(descriptor)
    return moved
