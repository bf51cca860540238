"""A Sentry project's alerts and privacy settings."""
