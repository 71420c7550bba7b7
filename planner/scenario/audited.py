"""An answer that broke a rule when its audit replayed it is shown to nobody."""

from collections.abc import Sequence
from typing import Final

from planner.errors import AuditError
from planner.outcome import Violation

_LISTED: Final = 5


def require_clean(answer: str, violations: Sequence[Violation]) -> None:
    """Raise `AuditError` when an audit found anything; `answer` is what was audited, in words."""
    if violations:
        listed = "; ".join(map(str, violations[:_LISTED]))
        raise AuditError(f"the {answer} broke {len(violations)} rules when it was replayed: {listed}")
