"""The pages of the business's people, one module a family."""
