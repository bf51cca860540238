"""The default sampler: ours to choose where `OTEL_TRACES_SAMPLER` isn't set."""

from __future__ import annotations

from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, Sampler


def default_sampler() -> Sampler:
    """Return the sampler that takes every trace, also where a remote parent wasn't sampled.

    A browser that samples a tenth of its traces sends `-00` for the rest; by the SDK's own default that would silence
    the back end for nine requests of ten.
    """
    return ParentBased(root=ALWAYS_ON, remote_parent_not_sampled=ALWAYS_ON)
