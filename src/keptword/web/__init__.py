"""The web application: what the business's people see and do."""
