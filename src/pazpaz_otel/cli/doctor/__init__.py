"""The checks of `pazpaz-otel doctor`, beside those of `pazpaz_otel.diagnosis` that a starting process makes too."""
