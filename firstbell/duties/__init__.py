"""What is due, from whom, by when, and why? What may be done about this child, and if not, why not?

One family of pure functions over the same two values, a `Book` of what a school has recorded and a `Rulebook`
of what it has promised: `due`, `may`, `suggest_mark`, `figure`. No clock: the moment is an argument, so the
same code says what is due now, what was due then, and what another policy would have asked.
"""

from firstbell.duties.book import Book
from firstbell.duties.due import due, duties_of, see
from firstbell.duties.duty import Advice, Because, Duty, Occurrence, State, key_of
from firstbell.duties.figures import FIGURES, Value, days_of, figure
from firstbell.duties.of_calendar import drawn
from firstbell.duties.permission import ACTIONS, Action, Refusal, may
from firstbell.duties.sight import Sight, closes_at
from firstbell.duties.suggestion import Suggestion, suggest_mark

__all__ = [
    "ACTIONS",
    "Action",
    "Advice",
    "Because",
    "Book",
    "Duty",
    "FIGURES",
    "Occurrence",
    "Refusal",
    "Sight",
    "State",
    "Suggestion",
    "Value",
    "closes_at",
    "days_of",
    "drawn",
    "due",
    "duties_of",
    "figure",
    "key_of",
    "may",
    "see",
    "suggest_mark",
]
