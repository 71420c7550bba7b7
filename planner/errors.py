"""What can go wrong, as one tree.

::

    PlannerError                    exit status 1: an internal error
    ├── InputError                  exit status 3: something the user gave is wrong
    │   ├── PlanError               the plan file; carries every problem found
    │   ├── ElementSetError         an element-set file
    │   ├── FetchError              a download that brought no element sets
    │   ├── CatalogError            an assumption in the catalog, or a reference to one
    │   └── OutputError             the output folder cannot be used
    ├── DataIntegrityError          exit status 3: embedded data missing or altered
    ├── InfeasibleError             exit status 4: proved infeasible, with conflict and cheapest relaxation
    ├── LimitError                  exit status 5: a solver limit was reached without a solution
    ├── SolverError                 exit status 1: a solver failed; carries its own message
    └── AuditError                  exit status 1: an answer did not pass its independent audit

Every message says where, what value, what is allowed and how to fix it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

_HIDDEN_CATEGORIES: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def legible(text: object) -> str:
    """Return `text` without control, bidirectional, zero-width, surrogate and unassigned characters.

    Line breaks and tabs become blanks. A name from a plan may hold any of these; what is left can be shown on a
    terminal, and anywhere else once its markup is escaped.
    """
    spaced = re.sub(r"[\t\r\n\v\f]+", " ", str(text))
    return "".join(char for char in spaced if unicodedata.category(char) not in _HIDDEN_CATEGORIES)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input.

    Attributes
    ----------
    place
        Where it is: ``file: key.path`` or ``file:line``.
    reason
        The value, what is allowed, and the fix.
    """

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" if self.place else self.reason


class PlannerError(Exception):
    """Root of every error this package raises on purpose."""

    exit_status: ClassVar[int] = 1


class InputError(PlannerError):
    """Something the user gave is wrong; carries every problem that was found."""

    exit_status: ClassVar[int] = 3

    def __init__(self, problems: Problem | Sequence[Problem] | str) -> None:
        if isinstance(problems, str):
            problems = [Problem("", problems)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PlanError(InputError):
    """The plan file is wrong."""


class ElementSetError(InputError):
    """An element-set file is wrong."""


class FetchError(InputError):
    """A download brought no element sets."""


class CatalogError(InputError):
    """A catalog entry is wrong, or a reference names none."""


class OutputError(InputError):
    """The output folder cannot be used."""


class DataIntegrityError(PlannerError):
    """Data embedded in the package is missing or is not what was shipped."""

    exit_status: ClassVar[int] = 3


class InfeasibleError(PlannerError):
    """No answer exists; says which demands conflict (verified) and the cheapest way out."""

    exit_status: ClassVar[int] = 4

    def __init__(self, conflict: str, relaxation: str) -> None:
        self.conflict = conflict
        self.relaxation = relaxation
        super().__init__(f"infeasible: {conflict}; cheapest way out: {relaxation}")


class LimitError(PlannerError):
    """A limit on the solver was reached before it found any solution."""

    exit_status: ClassVar[int] = 5


class SolverError(PlannerError):
    """A solver failed; the message is the solver's own."""


class AuditError(PlannerError):
    """An answer broke a rule when it was replayed without the solver."""


class PlannerWarning(UserWarning):
    """Something that does not stop the plan but that its reader must know."""
