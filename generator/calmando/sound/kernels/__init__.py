"""The arithmetic of sound, compiled: the only door to the libraries that lie here, made of ``generator/kernels/*.c``.

They do nothing that numpy could not do, several times as fast. Where none fits the system or the processor, numpy
does it: what comes out differs by rounding alone, far below the dither. While a kernel works, other threads run.
"""

from __future__ import annotations

import ctypes
import functools
import math
import os
import platform
import sys
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

N = TypeVar("N", bound=np.generic)

VARIABLE = "CALMANDO_KERNELS"
"""Set to ``numpy``, nothing compiled is used."""

ENDING = ".kernels"
"""Of the libraries' names."""

_HERE = Path(__file__).parent
_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_PROCESSORS = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}
_LINE_BYTES = 64
"""What a processor's cache takes in at once."""

_A, _N, _F, _D = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float, ctypes.c_double
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "calmando_spectrum": (_A, _A, _N, _A),
    "calmando_convolve": (_A, _A, _A, _A, _N, _A, _A, _A, _F),
    "calmando_mix": (_A, _N, _A, _N, _N, _A, _A, _A),
    "calmando_k_weighted_energy": (_A, _A, _A, _N, _N, _A, _A, _A, _A, _A),
    "calmando_describe": (_A, _A, _N, _A),
    "calmando_difference_energy": (_A, _F, _A, _F, _N),
    "calmando_frames_above": (_A, _A, _N, _F),
    "calmando_largest_difference": (_A, _A, _F, _N),
    "calmando_span_energies": (_A, _A, _N, _A, _A, _A),
    "calmando_add_energies": (_A, _N, _A, _N, _N, _D, _A, _N, _N),
    "calmando_means": (_A, _N, _A),
    "calmando_add_lines": (_A, _A, _N, _A, _F),
    "calmando_let_go": (_A, _A, _N, _A, _A),
    "calmando_let_go_filtered": (_A, _A, _A, _A, _N, _A, _A, _A, _A, _A),
    "calmando_peak": (_A, _N, _N, _N),
    "calmando_true_peak": (_A, _A, _N, _A, _A, _A),
    "calmando_quantise_16": (_A, _A, _N, _N, _A, _N, _N, _A),
    "calmando_pack_flac": (_A, _N, _N, _N, _N, _A, _A, _A),
}
"""What every kernel takes: addresses of arrays, and numbers."""
_ANSWERS = {
    "calmando_difference_energy": _D,
    "calmando_frames_above": _N,
    "calmando_largest_difference": _F,
    "calmando_pack_flac": _N,
    "calmando_peak": _F,
}
"""Those that return something."""


def kernels() -> Any | None:
    """The kernels for this machine, each a function that takes addresses and numbers; ``None`` where there are none."""
    return None if os.environ.get(VARIABLE) == "numpy" else _loaded()


def kernels_name() -> str | None:
    """What the library in use is called, such as ``linux-x86_64_v3``; ``None`` where numpy does it all."""
    library = kernels()
    return Path(library._name).stem if library is not None else None


@functools.cache
def _loaded() -> Any | None:
    if sys.platform not in _SYSTEMS or sys.maxsize < 2**32:
        return None
    system = _SYSTEMS[sys.platform]
    processor = _PROCESSORS.get(platform.machine().lower(), "")
    try:
        if processor == "x86_64":
            # The oldest of them knows what the processor can do.
            level = _opened(f"{system}-x86_64_v2").calmando_x86_64_level()
            processor = f"x86_64_v{level}"
        library = _opened(f"{system}-{processor}")
        for name, takes in _SIGNATURES.items():
            function = getattr(library, name)
            function.argtypes, function.restype = takes, _ANSWERS.get(name)
    except (OSError, AttributeError):
        return None
    return library


def _opened(name: str) -> ctypes.CDLL:
    # Named otherwise than libraries are on any system, so that nobody takes one for a module of Python.
    return ctypes.CDLL(str(_HERE / f"{name}{ENDING}"))


def sources_of(library: Any) -> str:
    """The hash of the sources that a library was made of."""
    return ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(library, "calmando_sources"))).decode()


def address(array: NDArray[Any] | None) -> int:
    """Where the numbers of an array begin, 0 for none; it has to outlive the call that is told."""
    return 0 if array is None else int(array.ctypes.data)


def addresses(rows: NDArray[Any]) -> tuple[int, ...]:
    """Where every row begins; they have to outlive the call that is told."""
    first, row_bytes = address(rows), rows.strides[0]
    return tuple(first + number * row_bytes for number in range(len(rows)))


def room(*shape: int) -> NDArray[np.float32]:
    """Memory that begins with a line of the processor's cache; what stands there is not said."""
    return room_at(_LINE_BYTES, shape, np.float32)


def room_at(multiple: int, shape: tuple[int, ...], kind: type[N]) -> NDArray[N]:
    """Memory that begins at a multiple of some bytes; what stands there is not said."""
    n_bytes = np.dtype(kind).itemsize * math.prod(shape)
    memory = np.empty(n_bytes + multiple, np.uint8)
    skipped = -memory.ctypes.data % multiple
    return memory[skipped : skipped + n_bytes].view(kind).reshape(shape)
