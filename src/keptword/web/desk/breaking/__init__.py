"""Break down: promises, returns, refunds and ratings by carrier, country, product, vendor and channel."""
