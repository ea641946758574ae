"""What every request passes through on its way to a page and back."""
