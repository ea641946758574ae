"""The books of one business: a folder of facts and closings, and what an owner and an accountant do with it."""
