"""Parcels from door to door."""
