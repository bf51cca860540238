"""Runs the idioms of a fair, the courier that serves it and a lending desk, each in a trace of its own."""
import functools
import logging
import warnings

import frame
from fair import lending, libraries, parcels, stalls

logging.getLogger().setLevel(logging.DEBUG)
logging.captureWarnings(True)
warnings.simplefilter("always")


def _alone(function):
    """Run an idiom that takes no person, and end no program."""

    @functools.wraps(function)
    def run(_person):
        try:
            return function()
        except SystemExit as error:
            raise RuntimeError("ended") from error

    return run


for module in (parcels, libraries, stalls, lending):
    for name, function in list(vars(module).items()):
        if name.startswith("idiom_"):
            frame.idiom(_alone(function))
frame.main()
