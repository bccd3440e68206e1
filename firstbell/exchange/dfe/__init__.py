"""Do the Department's published rates follow from its published counts, by our own tables of the law?

The statistics of Explore Education Statistics carry percentages beside the counts they were worked out from.
`check_file` works them out again, exactly; `check_files` does it for many and adds what only shows between
them. It is as much a test of our tables: which counts make up authorised absence is asked of `statute`, never
listed here. Refuses to know any pupil: these are totals. Start reading with `columns.toml`.
"""

from firstbell.exchange.dfe.checking import check_file, check_files
from firstbell.exchange.dfe.report import checks_json, checks_text
from firstbell.exchange.dfe.results import Checks, Disagreement, FileCheck
from firstbell.exchange.dfe.terms import compare_terms

__all__ = [
    "Checks",
    "Disagreement",
    "FileCheck",
    "check_file",
    "check_files",
    "checks_json",
    "checks_text",
    "compare_terms",
]
