"""Firstbell: pupil attendance for schools in England. Facts in, duties out."""

__version__ = "0.1.0"
