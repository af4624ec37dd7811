"""How much of a week's safe listening a piece takes, by the rule of the World Health Organization and ITU.

References
----------
ITU-T H.870 / WHO, "Guidelines for safe listening devices/systems": 80 dB(A) for 40 hours a week (adults), 75 dB(A)
(children); every 3 dB more halves the time (10^(L/10)).
"""

from __future__ import annotations

from calmando.units import Decibels

ADULT_LEVEL_DBA: Decibels = 80.0
CHILD_LEVEL_DBA: Decibels = 75.0
WEEK_HOURS = 40.0


def weekly_dose(level_dba: Decibels, hours_per_week: float, *, child: bool = False) -> float:
    """The dose in percent of a week's allowance.

    Parameters
    ----------
    level_dba
        Level at the ear in dB(A), as the user measured it; no file knows it.
    hours_per_week
        Hours of listening in a week.

    Examples
    --------
    >>> weekly_dose(80, 40), round(weekly_dose(60, 7), 3), weekly_dose(75, 40, child=True)
    (100.0, 0.175, 100.0)
    """
    reference = CHILD_LEVEL_DBA if child else ADULT_LEVEL_DBA
    return float(100 * hours_per_week / WEEK_HOURS * 10 ** ((level_dba - reference) / 10))
