"""Frames on a pair of pipes: u32 length, u8 type, u32 call, payload; little-endian."""

import fcntl
import io
import os
import select
import struct

LOAD, CALL, CANCEL, HOST_REPLY, SHUTDOWN = 1, 2, 3, 4, 5
READY, LOADED, LOAD_FAILED, RESULT, ERROR, OUTPUT, PROGRESS, LOG, CHECKPOINT, HOST_CALL = range(16, 26)

MAXIMUM_PAYLOAD = 64 * 1024 * 1024
_READ_SIZE = 64 * 1024
_FIRST_DESCRIPTOR = 64
_HEADER = struct.Struct("<IBI")
_AFTER_LENGTH = 5


class FrameTooLarge(Exception):
    """A payload above MAXIMUM_PAYLOAD."""


class Channel:
    """Reading belongs to one thread at a time (the caller's lock); sending is safe from every thread."""

    def __init__(self, descriptor_in: int, descriptor_out: int):
        # Away from 3 and 4 and closed on exec, so that neither a child nor a stray write meets the protocol.
        self._in = _move(descriptor_in)
        self._descriptor_out = _move(descriptor_out)
        # BufferedWriter copies and writes in C, so an exception that is thrown into a thread cannot tear a frame.
        self._out = io.open(self._descriptor_out, "wb", buffering=_READ_SIZE, closefd=False)
        self._buffer = b""
        self._at = 0

    def read(self):
        """The next frame as (type, call, payload); None at the end of the pipe."""
        header = self._take(_HEADER.size)
        if header is None:
            return None
        length, kind, call = _HEADER.unpack(header)
        if not _AFTER_LENGTH <= length <= MAXIMUM_PAYLOAD + _AFTER_LENGTH:
            raise ValueError(f"frame of {length} bytes")
        payload = self._take(length - _AFTER_LENGTH)
        return None if payload is None else (kind, call, payload)

    def send(self, kind: int, call: int, payload: bytes) -> None:
        """Writes one frame and flushes it."""
        if len(payload) > MAXIMUM_PAYLOAD:
            raise FrameTooLarge(f"{len(payload)} bytes, at most {MAXIMUM_PAYLOAD}")
        out = self._out
        if out is None:
            return
        out.write(_HEADER.pack(len(payload) + _AFTER_LENGTH, kind, call) + payload)
        out.flush()

    def has_input(self, seconds: float = 0.0) -> bool:
        """Whether the host has written, or gone; waits for it."""
        waiting = select.poll()
        waiting.register(self._in, select.POLLIN)
        return self._at < len(self._buffer) or bool(waiting.poll(seconds * 1000))

    @property
    def is_abandoned(self) -> bool:
        """Whether this is a forked child."""
        return self._out is None

    def abandon(self) -> None:
        """Lets go of both ends without writing: for a forked child."""
        os.close(self._in)
        os.close(self._descriptor_out)
        self._out = None

    def _take(self, count: int):
        start = self._at
        end = start + count
        buffer = self._buffer
        if end <= len(buffer):
            self._at = end
            return buffer[start:end]
        parts = [buffer[start:]]
        missing = end - len(buffer)
        self._buffer = b""
        self._at = 0
        while missing > 0:
            piece = os.read(self._in, max(missing, _READ_SIZE))
            if not piece:
                return None
            parts.append(piece)
            missing -= len(piece)
        if missing < 0:
            last = parts[-1]
            self._buffer = last
            self._at = len(last) + missing
            parts[-1] = last[: self._at]
        return b"".join(parts)


def _move(descriptor: int) -> int:
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_DESCRIPTOR)
    os.close(descriptor)
    return moved
