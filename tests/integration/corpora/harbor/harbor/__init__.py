# ruff: noqa
"""Idioms of a program of several modules: each is run, and what it says is looked for in what arrived."""

