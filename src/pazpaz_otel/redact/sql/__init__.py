"""Remove values from SQL and Redis texts; keywords, operators and proven identifiers stay."""
