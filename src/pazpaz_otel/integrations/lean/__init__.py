"""What runs for every request and statement in the place of the contrib instrumentations.

Contrib's packages stay the way in: they find and wrap applications and engines, and they run where a lean
instrumentation can't keep a setting's meaning.
"""
