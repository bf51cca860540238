"""List surfaces, plant on each, and record what was planted."""

from __future__ import annotations

import importlib
import logging
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pazpaz_otel.audit.canaries import VARIANTS, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.audit.canaries import CanaryMaker

NARROW = ("plain", "percent", "base64", "json", "identifier")
"""The forms for a surface where each plant costs a request."""


def optional(name: str) -> Any:
    """Return a module, or None where its library isn't installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


@dataclass(frozen=True)
class Surface:
    """A place in which telemetry carries an application's data.

    Attributes:
        name: the name in reports, such as ``span.event.attribute.key``.
        plant: puts a text there; returns False if there was no place for it.
        variants: the forms to plant.
        unwanted: categories of canaries that may leave on this surface, and so aren't planted.
        route: the route whose requests carry the texts, if they are planted by requests.
    """

    name: str
    plant: Callable[[str], bool | None]
    variants: tuple[str, ...]
    unwanted: tuple[str, ...] = ()
    route: str = ""


@dataclass(frozen=True)
class Plant:
    """One planted string: its id, where and in which form it was planted, the tokens to look for, and its route."""

    id: str
    surface: str
    category: str
    variant: str
    text: str
    tokens: tuple[str, ...]
    route: str = ""


@dataclass
class Planter:
    """Create texts, plant them, and record both."""

    maker: CanaryMaker
    plants: list[Plant] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def text(self, surface: str, variant: str = "plain", unwanted: tuple[str, ...] = (), route: str = "") -> str:
        """Return a new text in the given form, and record it under the surface's name and its route."""
        canary = self.maker.next(*unwanted)
        text = VARIANTS[variant](canary.text)
        tokens = tuple(dict.fromkeys((*tokens_of(canary), text)))
        self.plants.append(Plant(f"p{len(self.plants)}", surface, canary.category, variant, text, tokens, route))
        return text

    def run(self, surfaces: list[Surface], flush: Callable[[], None]) -> None:
        """Plant every form on every surface.

        Record a surface that raises, with the exception's type: guards must not break an application.
        """
        for surface in surfaces:
            for variant in surface.variants:
                text = self.text(surface.name, variant, surface.unwanted, surface.route)
                try:
                    if surface.plant(text) is False:
                        self.plants.pop()
                except Exception as error:
                    failure = f"{surface.name}: {type(error).__name__}"
                    if failure not in self.failures:
                        self.failures.append(failure)
                    logging.getLogger(__name__).debug("a surface raised", exc_info=True)
            flush()

    def record(self) -> list[dict[str, object]]:
        """Return what was planted, as plain data."""
        return [asdict(plant) for plant in self.plants]


class Surfaces:
    """The surfaces of a module; call it to decorate each function that plants."""

    def __init__(self, signal: str) -> None:
        self.signal = signal
        self.all: list[Surface] = []

    def __call__(
        self, name: str, variants: tuple[str, ...] = tuple(VARIANTS), unwanted: tuple[str, ...] = (), route: str = ""
    ) -> Callable[[Callable[[str], bool | None]], Callable[[str], bool | None]]:
        """Return a decorator that adds a surface on which the function plants."""

        def decorate(plant: Callable[[str], bool | None]) -> Callable[[str], bool | None]:
            self.all.append(Surface(f"{self.signal}.{name}", plant, variants, unwanted, route))
            return plant

        return decorate
