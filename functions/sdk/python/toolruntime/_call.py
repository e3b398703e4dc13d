"""One call, from its CALL to its one RESULT or ERROR."""

import os
import struct
import threading
import time

from toolruntime import _channel, _faults
from toolruntime._content import Content
from toolruntime._context import Cancelled, Context, Waiter
from toolruntime._json import NotJson, decode, encode
from toolruntime._lazy import asyncio, ctypes, is_in_event_loop
from toolruntime._output import Output, current_call
from toolruntime._plan import ArgumentError

_LENGTH = struct.Struct("<I")
_PLAIN = frozenset((str, int, float, bool, dict, type(None)))


class Call:
    """State of one call; `run` for a thread, `run_async` for the event loop."""

    __slots__ = ("worker", "number", "head", "output", "started", "cancelled", "reason", "waiters",
                 "is_answered", "_arguments", "_context", "_lock", "_thread", "_task")

    def __init__(self, worker, number: int, payload: bytes):
        end = 4 + _LENGTH.unpack_from(payload)[0]
        self.worker = worker
        self.number = number
        self.head = decode(str(payload[4:end], "utf-8"))
        self._arguments = payload[end:]
        self._context = None
        self.output = Output(worker.channel, number, worker.output_bytes, worker.flusher)
        self.started = time.monotonic()
        self.cancelled = False
        self.reason = None
        self.waiters = set()
        self._lock = threading.Lock()
        self._thread = None
        self._task = None
        self.is_answered = False

    @property
    def context(self) -> Context:
        """What the function may use of the call."""
        if self._context is None:
            self._context = Context(self)
        return self._context

    def send(self, kind: int, payload: bytes) -> None:
        """A frame of this call, unless it is answered already."""
        if not self.is_answered:
            self.worker.channel.send(kind, self.number, payload)

    def ask(self, method: str, params: dict, convert):
        """A question to the host: its answer, or in a coroutine an awaitable of it."""
        host = self.worker.host
        if not is_in_event_loop():
            return convert(host.ask(self, method, params))

        async def answer():
            return convert(await host.ask_async(self, method, params))

        return answer()

    def wait(self, waiter: Waiter, seconds: float | None = None):
        """Waits in this thread; raises Cancelled when the call is cancelled meanwhile."""
        self.worker.turn.give_up()
        self.waiters.add(waiter)
        try:
            value = None if self.cancelled else waiter.wait(seconds)
            if self.cancelled:
                raise Cancelled
            return value
        finally:
            self.waiters.discard(waiter)

    def emit(self, value) -> None:
        """A piece before the result: to the host where it streams."""
        if self.head.get("stream"):
            self.output.flush()
            self.send(_channel.OUTPUT, encode({"text": value} if isinstance(value, str) else {"value": value}))

    def run(self, plan) -> None:
        """Runs a synchronous function in this thread and answers."""
        current_call.set(self)
        try:
            kind, payload = self._guarded(plan)
        except Cancelled:  # it arrived in the last instant before the guard closed
            kind, payload = self._cancelled_fault()
        current_call.set(None)
        self._answer(kind, payload)

    async def run_async(self, plan) -> None:
        """Runs an async function on the event loop and answers."""
        self._task = asyncio.current_task()
        current_call.set(self)
        try:
            if self.cancelled:
                raise asyncio.CancelledError
            value = plan.function(**self._bind(plan))
            kind, payload = await self._settle_async(value)
        except BaseException as error:  # the rim of the user's code: whatever it raises is its answer
            kind, payload = self._failure(error)
        self._answer(kind, payload)

    def cancel(self, reason: str) -> None:
        """Reaches the user's code: Cancelled in a thread, CancelledError in a task."""
        self.reason = reason
        self.cancelled = True
        for waiter in tuple(self.waiters):
            waiter.cancel()
        task = self._task
        if task is not None:
            self.worker.loop.call_soon_threadsafe(task.cancel)
            return
        with self._lock:
            if self._thread is not None:
                _throw(self._thread, Cancelled)

    def _guarded(self, plan):
        try:
            try:
                with self._lock:
                    self._thread = threading.get_ident()
                if self.cancelled:
                    raise Cancelled
                return self._settle(plan.function(**self._bind(plan)))
            except BaseException as error:  # the rim of the user's code: whatever it raises is its answer
                return self._failure(error)
        finally:
            self._close_guard()

    def _close_guard(self) -> None:
        """After this no cancellation is thrown into the thread, and one that was on its way has arrived."""
        arrived = None
        while True:
            try:
                with self._lock:
                    self._thread = None
                break
            except Cancelled as error:
                arrived = error
        if arrived is not None:
            raise arrived

    def _bind(self, plan) -> dict:
        raw = self._arguments
        arguments = decode(str(raw, "utf-8")) if raw else {}
        if type(arguments) is not dict:
            raise ArgumentError("arguments: must be a JSON object")
        return plan.bind(arguments, self)

    def _settle(self, value):
        if type(value) in _PLAIN:
            return self._result(value)
        if hasattr(value, "__next__"):
            return self._drain(value)
        if hasattr(value, "__await__") or hasattr(value, "__anext__"):
            return self._settle_on_loop(value)
        return self._result(value)

    def _settle_on_loop(self, value):
        """A plain function gave a coroutine: it runs on the loop while this thread waits."""
        future = asyncio.run_coroutine_threadsafe(self._settle_async(value), self.worker.event_loop())
        waiter = Waiter()
        future.add_done_callback(waiter.set)
        try:
            return self.wait(waiter).result()
        finally:
            future.cancel()

    async def _settle_async(self, value):
        if hasattr(value, "__await__"):
            value = await value
        if hasattr(value, "__anext__"):
            pieces = Pieces(self)
            async for piece in value:
                pieces.add(piece)
            return self._pieces(pieces, None)
        if hasattr(value, "__next__"):
            return self._drain(value)
        return self._result(value)

    def _drain(self, iterator):
        pieces = Pieces(self)
        try:
            while True:
                pieces.add(next(iterator))
        except StopIteration as end:
            return self._pieces(pieces, end.value)

    def _pieces(self, pieces, returned):
        return self._result(returned) if returned is not None else pieces.result()

    def _result(self, value):
        if isinstance(value, Content):
            return _channel.RESULT, encode({"content": [value]})
        if type(value) in (list, tuple) and any(isinstance(item, Content) for item in value):
            return _channel.RESULT, encode({"content": [as_block(item) for item in value]})
        return _channel.RESULT, b'{"value":' + encode(value) + b"}"

    def _failure(self, error: BaseException):
        if isinstance(error, Cancelled) or (self.cancelled and isinstance(error, asyncio.CancelledError)):
            return self._cancelled_fault()
        if isinstance(error, ArgumentError):
            return _channel.ERROR, _faults.fault("InvalidArguments", str(error))
        if isinstance(error, NotJson):
            tool = self.head.get("tool")
            return _channel.ERROR, _faults.fault("FunctionThrew", f"the result of {tool} is not JSON: {error}")
        if isinstance(error, TooLarge):
            return _channel.ERROR, _faults.fault("OutputTooLarge", str(error))
        return _channel.ERROR, _faults.thrown(error)

    def _cancelled_fault(self):
        code = "DeadlineExceeded" if self.reason == "deadline" else "Cancelled"
        return _channel.ERROR, _faults.fault(code, f"the call of {self.head.get('tool')} was cancelled")

    def _answer(self, kind: int, payload: bytes) -> None:
        if self.worker.channel.is_abandoned:
            # A forked child came back from the user's code: it has no pipe, no other threads, and nobody to answer.
            os._exit(0)
        if len(payload) > _channel.MAXIMUM_PAYLOAD:
            text = f"the result has {len(payload)} bytes, at most {_channel.MAXIMUM_PAYLOAD} are carried"
            kind, payload = _channel.ERROR, _faults.fault("OutputTooLarge", text)
        self.is_answered = True
        self.output.finish()
        self.worker.done(self.number)
        self.worker.channel.send(kind, self.number, payload)


class TooLarge(Exception):
    """The pieces of a generator exceed what is kept."""


class Pieces:
    """What a generator yields: sent at once where the call streams, and kept for the result up to the output limit."""

    def __init__(self, call: Call):
        self._call = call
        self._kept = []
        self._left = call.worker.output_bytes
        self._content = False

    def add(self, piece) -> None:
        """Takes one."""
        self._call.emit(piece)
        if self._left < 0:
            return
        is_content = isinstance(piece, Content)
        self._content |= is_content
        data = encode(piece)
        self._left -= len(data) + 1
        if self._left >= 0:
            self._kept.append((piece if is_content else None, data))
            return
        limit = self._call.worker.output_bytes
        if not self._call.head.get("stream"):
            raise TooLarge(f"the pieces amount to more than {limit} bytes: stream the call, or return a value at the end")
        self._call.output.log("warning", f"[result truncated: the pieces amount to more than {limit} bytes]")

    def result(self):
        """The RESULT that lists them."""
        if self._content:
            blocks = [as_block(piece or decode(str(data, "utf-8"))) for piece, data in self._kept]
            return _channel.RESULT, encode({"content": blocks})
        return _channel.RESULT, b'{"value":[' + b",".join(data for _, data in self._kept) + b"]}"


def as_block(item):
    """A content block of a value that stands beside other blocks."""
    if isinstance(item, Content):
        return item.block
    text = item if isinstance(item, str) else encode(item).decode("utf-8")
    return {"type": "text", "text": text}


def _throw(thread: int, error: type) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
