"""Memory for pictures that is used again once nobody looks at it any more."""

import weakref
from collections import deque
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Pool:
    """Lends out arrays for pictures; the memory of what is let go of is lent again.

    Fresh memory costs half as much again as the drawing, because the system clears it first.
    """

    def __init__(self) -> None:
        self._free: deque[bytearray] = deque()

    def take(self, shape: tuple[int, ...], dtype: np.dtype[Any] | type[np.uint8]) -> NDArray[Any]:
        """An array of this shape and dtype, its content undefined.

        It and all views of it stay valid as long as they are held.
        """
        size = prod(shape) * np.dtype(dtype).itemsize
        memory = self._free.popleft() if self._free else bytearray()
        if len(memory) < size:
            memory = bytearray(size)
        # Views of a view keep the array alive that stands directly on the memory: this one.
        lent = np.frombuffer(memory, np.uint8, size)
        weakref.finalize(lent, self._free.append, memory).atexit = False
        return lent.view(dtype).reshape(shape)

    def __reduce__(self) -> tuple[type["Pool"], tuple[()]]:
        """Another process begins with a pool of its own."""
        return Pool, ()
