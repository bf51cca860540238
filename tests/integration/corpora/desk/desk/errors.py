"""The desk's exception hierarchy."""
from __future__ import annotations


class DeskError(Exception):
    """Base of everything that the desk raises."""

    default_message = "Something went wrong at the desk"

    def __init__(self, message: str | None = None, *, code: str = "desk_error") -> None:
        self.message = message or self.default_message
        self.code = code
        super().__init__(self.message)


class TicketNotFound(DeskError):
    default_message = "Ticket not found"


class QueueFull(DeskError):
    def __init__(self, queue: str, limit: int) -> None:
        self.queue = queue
        self.limit = limit
        super().__init__(f"Queue {queue} is full (limit {limit})", code="queue_full")


class AssigneeMissing(DeskError):
    """An assignee left."""

    def __str__(self) -> str:
        return f"Assignee {self.message} no longer works here"


class InvalidTransition(ValueError):
    template = "Cannot move ticket from {source} to {target}"

    def __init__(self, source, target):
        super().__init__(self.template.format(source=source, target=target))


class PluginError(Exception):
    def __init__(self, plugin, reason):
        msg = "Plugin %s failed: %s" % (plugin, reason)
        Exception.__init__(self, msg)


class MacroError(Exception):
    MESSAGES = {
        "missing": "The macro does not exist",
        "disabled": "The macro has been disabled by an administrator",
    }

    def __init__(self, kind):
        super().__init__(self.MESSAGES[kind])


class ContactError(Exception):
    def __init__(self, contact, *args):
        self.contact = contact
        super().__init__("Contact cannot be merged", *args)


class SlaBreached(Exception):
    def __init__(self, minutes):
        self.minutes = minutes

    def __str__(self):
        return "The agreed response time was exceeded by %d minutes" % self.minutes


class ApiProblem(Exception):
    status_code = 500
    detail = "The upstream service answered with an error"

    def __init__(self, detail=None):
        if detail is not None:
            self.detail = detail
        super().__init__(self.detail)


class UpstreamGone(ApiProblem):
    status_code = 410
    detail = "The upstream resource has been removed"
