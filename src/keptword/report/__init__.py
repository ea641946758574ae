"""The first report: from facts to sentences, on a page, in the terminal and as JSON."""
