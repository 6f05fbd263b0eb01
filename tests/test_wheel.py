"""The built core asks nothing of the platform's mathematics that old systems lack."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import avrgym._core

CORE = Path(avrgym._core.__file__)
READELF = shutil.which("readelf")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="version needs are ELF's")
@pytest.mark.skipif(READELF is None, reason="needs readelf, of binutils")
def test_no_symbol_of_libm_is_younger_than_glibc_2_28() -> None:
    assert READELF is not None
    done = subprocess.run(
        [READELF, "--wide", "--version-info", CORE], capture_output=True, text=True, check=True
    )
    needs = done.stdout.partition(".gnu.version_r")[2]
    assert "File: libc.so.6" in needs
    of_libm = [part for part in needs.split("File: ")[1:] if part.startswith("libm.so")]
    for part in of_libm:
        for numbers in re.findall(r"Name: GLIBC_([\d.]+)", part):
            assert tuple(map(int, numbers.split("."))) <= (2, 28), f"{CORE.name} needs {numbers}"
