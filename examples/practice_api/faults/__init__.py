"""Failing and stalling on purpose, for tests of error reporting; served only where test endpoints are enabled."""
