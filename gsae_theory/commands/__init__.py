"""Commands of the command line that are loaded on demand, one module each."""
