"""What is true, in plain Python: no clock, no I/O, no framework. Values in, decisions out."""
