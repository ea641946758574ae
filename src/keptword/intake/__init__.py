"""The durable door: what was accepted is in the operational database; the pump carries it into the journal."""
