"""The mathematics of the alignment game; knows no language model, no platform and no file."""
