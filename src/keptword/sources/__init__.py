"""One folder a source: each turns a shop's own files into facts."""
