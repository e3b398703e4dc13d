"""What outlives a call: steps that are done once, the memory of a session and a tenant, mailboxes."""

from toolruntime._lazy import is_in_event_loop


class StateConflict(Exception):
    """A write with ``if_revision`` found the key at another revision: ``revision``, 0 where there is no such key."""

    def __init__(self, key: str, revision: int):
        super().__init__(f"'{key}' is at revision {revision}")
        self.key = key
        self.revision = revision


class Entry:
    """A key's ``value``, its ``revision`` (0 and None where it is not there) and the time it ``expires``, ISO 8601, or None."""

    def __init__(self, found: dict):
        self.value = found.get("value")
        self.revision = found["revision"]
        self.expires = found.get("expires")


class State:
    """Small JSON values by key, of the session; ``tenant`` are those that all sessions of the tenant share. In an async function its
    methods are awaited."""

    def __init__(self, call, scope: str = "session"):
        self._call = call
        self._scope = scope
        if scope == "session":
            self.tenant = State(call, "tenant")

    def get(self, key: str, default=None):
        """The value of a key, or ``default``."""
        return self._ask("get", {"key": key}, lambda found: found.get("value", default))

    def entry(self, key: str):
        """The value with its revision, an Entry."""
        return self._ask("get", {"key": key}, Entry)

    def put(self, key: str, value, ttl: float | None = None, if_revision: int | None = None):
        """Keeps a value, for ``ttl`` seconds where that is given, and gives its revision. With ``if_revision`` only where the key is at
        that revision, 0 where it must not be there; otherwise StateConflict."""
        params = {"key": key, "value": value, "ttl": ttl, "ifRevision": if_revision}
        return self._ask("put", params, lambda written: _revision(key, written))

    def delete(self, key: str, if_revision: int | None = None):
        """Forgets a key; False where it is not there."""
        return self._ask("delete", {"key": key, "ifRevision": if_revision}, lambda done: done.get("deleted") if "deleted" in done else _revision(key, done))

    def list(self, prefix: str = ""):
        """The keys that begin so: dicts of ``key``, ``revision`` and maybe ``expires``."""
        return self._ask("list", {"prefix": prefix}, lambda found: found["keys"])

    def _ask(self, word: str, params: dict, convert):
        return self._call.ask("state." + word, {**params, "scope": self._scope}, convert)


class Message:
    """One message: ``body``, ``id``, ``sender``, ``deliveries`` (1 for the first), ``sent`` (ISO 8601), ``reply_to`` or None."""

    def __init__(self, call, mailbox: str, message: dict):
        self._call = call
        self.mailbox = mailbox
        self.id = message["id"]
        self.body = message.get("body")
        self.sender = message.get("from")
        self.sent = message.get("sent")
        self.deliveries = message.get("deliveries", 1)
        self.reply_to = message.get("replyTo")

    def ack(self):
        """Done: it does not come again. False where the lease had run out and somebody else has it."""
        return self._call.ask("mailbox.ack", {"name": self.mailbox, "ids": [self.id]}, lambda result: self.id in result["acked"])

    def reply(self, body):
        """Answers a request."""
        return self._call.ask("mailbox.reply", {"replyTo": self.reply_to, "body": body}, lambda result: None)


class Mailbox:
    """Mailboxes of the tenant by name; the first message makes one. In an async function its methods are awaited."""

    def __init__(self, call):
        self._call = call

    def send(self, to: str, body, key: str | None = None, ttl: float | None = None):
        """Puts a message into a mailbox and gives its id; a second one with the same ``key`` is not put."""
        return self._call.ask("mailbox.send", {"to": to, "body": body, "key": key, "ttl": ttl}, lambda sent: sent["id"])

    def receive(self, name: str, maximum: int = 1, wait: float = 0, lease: float = 30):
        """Messages, each this receiver's for ``lease`` seconds: ack them, or they come again. Waits up to ``wait`` seconds for the first."""
        params = {"name": name, "max": maximum, "wait": wait, "lease": lease}
        return self._call.ask("mailbox.receive", params, lambda found: [Message(self._call, name, message) for message in found["messages"]])

    def request(self, to: str, body, timeout: float = 30, key: str | None = None):
        """Sends a message and gives the answer's body."""
        return self._call.ask("mailbox.request", {"to": to, "body": body, "timeout": timeout, "key": key}, lambda answer: answer.get("body"))


def step(call, name: str, function):
    """Runs ``function`` once for each invocation and name; see Context.step."""
    if is_in_event_loop():
        return _step_async(call, name, function)
    begun = call.ask("step.begin", {"name": name}, dict)
    if "value" in begun:
        return begun["value"]
    try:
        value = function()
    except BaseException:
        _leave(call, name)
        raise
    return call.ask("step.finish", {"name": name, "value": value}, lambda kept: kept["value"])


async def _step_async(call, name: str, function):
    begun = await call.ask("step.begin", {"name": name}, dict)
    if "value" in begun:
        return begun["value"]
    try:
        value = function()
        if hasattr(value, "__await__"):
            value = await value
    except BaseException:
        if not call.cancelled:
            await call.ask("step.leave", {"name": name}, dict)
        raise
    return await call.ask("step.finish", {"name": name, "value": value}, lambda kept: kept["value"])


def _leave(call, name: str) -> None:
    if not call.cancelled:
        call.ask("step.leave", {"name": name}, dict)


def _revision(key: str, written: dict):
    if written.get("conflict"):
        raise StateConflict(key, written["revision"])
    return written["revision"]
