from .const import ERR_TICKET, Rule


class FerryError(RuntimeError):
    default = "something broke on the ferry"
    fmt: str | None = None

    def __init__(self, *args, **kwargs):
        if self.fmt and kwargs:
            message = self.fmt.format(**kwargs)
        elif args:
            message = args[0]
        else:
            message = self.default
        super().__init__(message)
        self.kwargs = kwargs


class EngineError(FerryError):
    default = "engine room reports no oil pressure"


class RampError(FerryError):
    fmt = "ramp {ramp} cannot carry {load} tonnes"


class TicketError(FerryError):
    def __init__(self, ticket, line):
        self.ticket, self.line = ticket, line
        super().__init__(ERR_TICKET.format(ticket=ticket, line=line))


class RuleBroken(Exception):
    def __init__(self, rule: Rule, who: str):
        self.rule = rule
        super().__init__(f"{who} broke rule {rule.code}: {rule.text}")


class ApiError(Exception):
    def __init__(self, status: int, message: str, *, details=None):
        self.status = status
        self.message = message
        self.details = details or {}
        super().__init__(f"[{status}] {message}")

    @classmethod
    def not_found(cls, kind, ident):
        return cls(404, f"{kind} {ident} was not found in the harbour book")

    @classmethod
    def conflict(cls):
        return cls(409, "departure was changed meanwhile")


class Chain(Exception):
    """Joins what went wrong."""

    def __init__(self, errors):
        self.errors = errors

    def __str__(self):
        return "several checks failed: " + "; ".join(str(e) for e in self.errors)
