"""Memory for pictures that is used again once nobody looks at it any more."""

import weakref
from collections import deque

import numpy as np
from numpy.typing import NDArray


class Pool:
    """Lends out arrays of one shape a picture; what is let go of is lent again.

    Fresh memory costs half as much again as the drawing, because the system clears it first.
    """

    def __init__(self) -> None:
        self._free: deque[bytearray] = deque()

    def take(self, count: int, height: int, width: int) -> NDArray[np.uint8]:
        """An array of shape (count, height, width, 3), its content undefined.

        It and all views of it stay valid as long as they are held.
        """
        size = count * height * width * 3
        memory = self._free.popleft() if self._free else bytearray()
        if len(memory) < size:
            memory = bytearray(size)
        # Views of a view keep the array alive that stands directly on the memory: this one.
        lent = np.frombuffer(memory, np.uint8, size)
        weakref.finalize(lent, self._free.append, memory).atexit = False
        return lent.reshape(count, height, width, 3)

    def __reduce__(self) -> tuple[type["Pool"], tuple[()]]:
        """Another process begins with a pool of its own."""
        return Pool, ()
