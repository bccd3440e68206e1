r"""What do the admission and attendance registers say, on a day, as known at a moment?

Both are books of entries that are never changed. `AdmissionRegister` folds names entered and deleted into
enrolments, `AttendanceRegister` folds saves and amendments into marks, `lay_strips` lays them out as arrays.
Two kinds of time always: `on` or `session`, what an entry is about, and `known_at`, when it was recorded.
Notation (`/\ OO I\`) is how people write it. What may be entered is in `checking`.
"""

from firstbell.register.checking import (
    Detail,
    Enquiries,
    problems_with_amendment,
    problems_with_code,
    problems_with_deletion,
    problems_with_mark,
    problems_with_times,
)
from firstbell.register.deadlines import (
    deletion_return_due_on,
    disposable_from_on,
    last_day_to_return_on,
    mark_on_arrival,
    new_pupil_return_due_on,
    reason_due_on,
    sickness_return_due_on,
)
from firstbell.register.enrolments import (
    YEAR_GROUP,
    AdmissionRegister,
    Attribute,
    Changed,
    Deleted,
    Enrolment,
    Entered,
)
from firstbell.register.marks import Amendment, AttendanceRegister, Entry, Save
from firstbell.register.notation import read_day, read_notation, write_notation
from firstbell.register.strips import Strips, lay_strips

__all__ = [
    "YEAR_GROUP",
    "AdmissionRegister",
    "Amendment",
    "AttendanceRegister",
    "Attribute",
    "Changed",
    "Deleted",
    "Detail",
    "Enquiries",
    "Enrolment",
    "Entered",
    "Entry",
    "Save",
    "Strips",
    "deletion_return_due_on",
    "disposable_from_on",
    "last_day_to_return_on",
    "lay_strips",
    "mark_on_arrival",
    "new_pupil_return_due_on",
    "problems_with_amendment",
    "problems_with_code",
    "problems_with_deletion",
    "problems_with_mark",
    "problems_with_times",
    "read_day",
    "read_notation",
    "reason_due_on",
    "sickness_return_due_on",
    "write_notation",
]
