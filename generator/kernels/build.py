"""Compiles the kernels for every system and processor Calmando runs on; `make kernels` calls it.

The compiler is Zig's (``pip install ziglang``), which makes libraries for all systems on any of them. They lie
ready in the repository, as the built-in SoundFont does, so that nobody who installs Calmando needs a compiler. In
every library stands the hash of the sources it was made of; the tests compare it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LIBRARIES = HERE.parent / "calmando" / "sound" / "kernels"


@dataclass(frozen=True, slots=True)
class Target:
    """A system and a processor: what the compiler calls them, and the library's name."""

    triple: str
    processor: str
    name: str

    @property
    def path(self) -> Path:
        """Where the library lies."""
        return LIBRARIES / f"{self.name}.kernels"


TARGETS = (
    *(Target("x86_64-linux-gnu.2.17", f"x86_64_v{level}", f"linux-x86_64_v{level}") for level in (2, 3, 4)),
    Target("aarch64-linux-gnu.2.17", "generic", "linux-aarch64"),
    *(Target("x86_64-macos", f"x86_64_v{level}", f"macos-x86_64_v{level}") for level in (2, 3, 4)),
    Target("aarch64-macos", "apple_m1", "macos-aarch64"),
    *(Target("x86_64-windows-gnu", f"x86_64_v{level}", f"windows-x86_64_v{level}") for level in (2, 3, 4)),
    Target("aarch64-windows-gnu", "generic", "windows-aarch64"),
)


def sources() -> list[Path]:
    """The files in C."""
    return sorted(HERE.glob("*.c"))


def sources_hash() -> str:
    """SHA-256 of everything that decides what the libraries do."""
    together = hashlib.sha256()
    for file in sorted([*HERE.glob("*.[ch]"), Path(__file__)]):
        together.update(file.name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return together.hexdigest()


def build(target: Target) -> None:
    """Compile and link one library."""
    command = [
        sys.executable, "-m", "ziglang", "cc", "-target", target.triple, f"-mcpu={target.processor}",
        "-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-mprefer-vector-width=512",
        "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-shared", "-s",
        f'-DCALMANDO_SOURCES="{sources_hash()}"',
        *(["-nostdlib"] if "linux" in target.triple else []),
        # Else the path of this folder would stand in the library.
        *([f"-Wl,-install_name,@rpath/{target.name}"] if "macos" in target.triple else []),
        *map(str, sources()), "-o", str(target.path),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    for left_over in (*LIBRARIES.glob("*.pdb"), *LIBRARIES.glob("*.lib")):
        left_over.unlink()


def main() -> None:
    """Compile everything."""
    for target in TARGETS:
        build(target)
        sys.stdout.write(f"{target.name}: {target.path.stat().st_size // 1024} kB\n")


if __name__ == "__main__":
    main()
