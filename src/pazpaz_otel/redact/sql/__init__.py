"""SQL and Redis text without its values: keywords, operators and proven identifiers stay."""
