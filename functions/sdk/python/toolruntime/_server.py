"""The worker's threads: one reads; it hands the reading on, or keeps it through a quick call, and runs the call itself."""

import _thread
import collections
import os
import sys
import threading
import time

from toolruntime import _channel, _faults, _interruptible, _lazy, _loading, _output
from toolruntime._call import Call
from toolruntime._context import HostCalls
from toolruntime._json import decode, encode
from toolruntime._lazy import asyncio
from toolruntime._plan import Plan
from toolruntime._turn import Turn

_DEFAULT_OUTPUT_BYTES = 16 * 1024 * 1024
_STACK_BYTES = 4 * 1024 * 1024
# A worker that is not loaded this soon was not waited for.
_CALM_SECONDS = 0.05


class Server:
    """One worker: at most one function, many calls."""

    def __init__(self, channel):
        self.channel = channel
        self.output_bytes = _DEFAULT_OUTPUT_BYTES
        self.flusher = _output.Flusher()
        self.host = HostCalls(channel)
        self.loop = None
        self._module = None
        self._plans = {}
        self._calls = {}
        self._concurrency = 1
        self._threads = 1
        # Threads inside a synchronous call; set operations are atomic, so no lock is taken for a call.
        self._running = set()
        self._backlog = collections.deque()
        self.turn = Turn()

    def run(self) -> None:
        """Serves until SHUTDOWN or the end of the pipe."""
        _output.install()
        _interruptible.install()
        threading.stack_size(_STACK_BYTES)
        ready = {"language": "python", "version": sys.version.split(maxsplit=1)[0], "pid": os.getpid()}
        self.channel.send(_channel.READY, 0, encode(ready))
        if not self.channel.has_input(_CALM_SECONDS):
            _lazy.import_ahead(self.channel.has_input)
        self._serve()

    def event_loop(self):
        """The loop on which async functions run, on a thread of its own from the first of them on."""
        if self.loop is None:
            loop = asyncio.new_event_loop()
            _thread.start_new_thread(loop.run_forever, ())
            self.loop = loop
        return self.loop

    def done(self, number: int) -> None:
        """A call has its answer."""
        self._calls.pop(number, None)

    def _serve(self) -> None:
        me = threading.get_ident()
        mine = False
        while True:
            if not mine:
                self.turn.acquire()
            call, plan = self._next(me)
            mine = plan.is_quick and self.turn.keep()
            if not mine:
                self.turn.release()
            started = time.perf_counter()
            call.run(plan)
            plan.ran(time.perf_counter() - started)
            self._running.discard(me)
            mine = mine and self.turn.regain()
            if not mine:
                self._run_backlog(me)

    def _run_backlog(self, me: int) -> None:
        while self._backlog:
            self._running.add(me)
            try:
                call, plan = self._backlog.popleft()
            except IndexError:
                return self._running.discard(me)
            call.run(plan)
            self._running.discard(me)

    def _next(self, me: int):
        """Reads until there is a call for this thread, whose turn it is."""
        while True:
            frame = self.channel.read()
            if frame is None:
                os._exit(0)
            kind, number, payload = frame
            if kind == _channel.CALL:
                work = self._try_admit(number, payload)
                if work is not None and self._take(me, work):
                    return work
            else:
                self._control(kind, number, payload)

    def _take(self, me: int, work) -> bool:
        if len(self._running) < self._concurrency and self._leave_a_reader():
            self._running.add(me)
            return True
        self._backlog.append(work)
        # The last running thread may have looked at the backlog just before.
        if not self._running:
            self._run_backlog(me)
        return False

    def _leave_a_reader(self) -> bool:
        """Whether a thread is left to read when this one runs a call."""
        if len(self._running) + 1 < self._threads:
            return True
        try:
            _thread.start_new_thread(self._serve, ())
        except RuntimeError:  # the limit of processes or of memory: it goes on with the threads that it has
            self._concurrency = max(1, len(self._running))
            return not self._running
        self._threads += 1
        return True

    def _try_admit(self, number: int, payload: bytes):
        try:
            return self._admit(number, payload)
        except Exception as error:  # the rim of the reading loop: one call's trouble must not end the reading
            self._calls.pop(number, None)
            self.channel.send(_channel.ERROR, number, _faults.fault("Internal", _faults.describe(error), _faults.trace(error)))
            return None

    def _admit(self, number: int, payload: bytes):
        """A call that a thread must run; async ones go to the loop, refused ones are answered here."""
        call = Call(self, number, payload)
        try:
            plan = self._plan(call.head.get("entry"))
        except _loading.LoadError as error:
            self.channel.send(_channel.ERROR, number, _faults.fault("LoadFailed", error.message, error.detail))
            return None
        self._calls[number] = call
        if not plan.is_async:
            return call, plan
        loop = self.event_loop()
        loop.call_soon_threadsafe(lambda: loop.create_task(call.run_async(plan)))
        return None

    def _plan(self, entry: str) -> Plan:
        plan = self._plans.get(entry)
        if plan is None:
            plan = self._plans[entry] = _loading.plan(self._module, entry)
        return plan

    def _control(self, kind: int, number: int, payload: bytes) -> None:
        body = decode(str(payload, "utf-8")) if payload else {}
        if kind == _channel.CANCEL:
            call = self._calls.get(number)
            if call is not None:
                call.cancel(body.get("reason", "cancelled"))
        elif kind == _channel.HOST_REPLY:
            self.host.reply(body)
        elif kind == _channel.LOAD:
            self._load(body)
        elif kind == _channel.SHUTDOWN:
            os._exit(0)
        else:
            sys.stderr.write(f"toolruntime: frame of unknown type {kind} ignored\n")

    def _load(self, request: dict) -> None:
        self._concurrency = max(1, request.get("concurrency", 1))
        self.output_bytes = request.get("outputBytes", _DEFAULT_OUTPUT_BYTES)
        try:
            self._module, answer = _loading.load(request)
        except _loading.LoadError as error:
            self.channel.send(_channel.LOAD_FAILED, 0, encode(error.body()))
            return
        self.channel.send(_channel.LOADED, 0, encode(answer))
