"""How results are shown: one file a format."""
