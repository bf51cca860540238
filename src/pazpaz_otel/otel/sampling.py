"""The default sampler, used unless `OTEL_TRACES_SAMPLER` is set."""

from __future__ import annotations

from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, Sampler


def default_sampler() -> Sampler:
    """Return a sampler that samples every trace, even if a remote parent wasn't sampled.

    A browser that samples a tenth of its traces sends `-00` for the rest; with the SDK's default, that would silence
    the back end for nine out of ten requests.
    """
    return ParentBased(root=ALWAYS_ON, remote_parent_not_sampled=ALWAYS_ON)
