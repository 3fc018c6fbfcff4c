"""exp and log of plain additions and multiplications, compiled.

The library's own differ in the last bit from one processor to the next, and a clearing that is run
again elsewhere must give the same bytes. These use only operations that IEEE 754 rounds exactly.
"""

from decimal import Decimal, localcontext
from math import floor, frexp
from typing import Any, Final

import numpy as np
from numba import njit

STEPS: Final = 64
"""exp is a table of 2**(i/64) and a polynomial on the rest, |r| <= log(2)/128: 1e-13."""
POWER_MAX: Final = 300
"""2**-300 to 2**300: prices, speeds and money are far inside."""
LOG_2: Final = 0.6931471805599453
LOG_MAX: Final = 200.0


def _roots() -> list[float]:
    with localcontext() as context:
        context.prec = 40
        return [float(Decimal(2) ** (Decimal(i) / STEPS)) for i in range(STEPS)]


_FINE = np.array(_roots())
_WHOLE = np.array([2.0**power for power in range(-POWER_MAX, POWER_MAX + 1)])


@njit(cache=True, nogil=True)
def exp_of(x: float) -> Any:
    """The exponential of x, for x from -200 to 200; beyond it, that of the end."""
    x = min(max(x, -LOG_MAX), LOG_MAX)
    n = int(floor(x * (STEPS / LOG_2) + 0.5))  # noqa: RUF046 - compiled, floor gives a float
    r = x - n * (LOG_2 / STEPS)
    rest = 1.0 + r * (1.0 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24))))
    return _FINE[n & (STEPS - 1)] * _WHOLE[(n >> 6) + POWER_MAX] * rest


@njit(cache=True, nogil=True)
def log_of(x: float) -> Any:
    """The natural logarithm of x > 0: 2 artanh((f - 1) / (f + 1)) of its fraction f."""
    f, e = frexp(x)
    if f * f < 1 / 2:
        f *= 2.0
        e -= 1
    s = (f - 1.0) / (f + 1.0)
    y = s * s
    p = ((((1 / 23 * y + 1 / 21) * y + 1 / 19) * y + 1 / 17) * y + 1 / 15) * y + 1 / 13
    p = ((((p * y + 1 / 11) * y + 1 / 9) * y + 1 / 7) * y + 1 / 5) * y + 1 / 3
    return e * LOG_2 + 2.0 * s * (1.0 + y * p)
