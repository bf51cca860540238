"""Replacements for contrib's middleware and listeners that run for every request and statement.

Contrib's packages are still the entry: they find and wrap applications and engines, and they run whenever a replacement
can't honour a setting.
"""
