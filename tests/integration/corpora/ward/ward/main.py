"""Runs the idioms of a clinic's ward, each in a trace of its own."""
import inspect
import logging
import warnings

import frame
from ward import booking, formats, python, refusals

logging.getLogger().setLevel(logging.DEBUG)
logging.captureWarnings(True)
warnings.simplefilter("always")


def _alone(function):
    """Run an idiom that takes no person, and end no program."""

    def run(_person):
        try:
            return function()
        except SystemExit as error:
            raise RuntimeError("ended") from error

    run.__name__ = function.__name__
    return run


for module in (booking, refusals, python, formats):
    for name, function in list(vars(module).items()):
        if name.startswith("idiom_") and not inspect.iscoroutinefunction(function):
            frame.idiom(_alone(function))
frame.main()
