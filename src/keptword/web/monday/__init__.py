"""Monday's mail: nine lines on how we keep our word, to each colleague who wants them, and to one chat."""
