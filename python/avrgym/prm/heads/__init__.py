"""How judges say what they think, one file a kind, registered in ``HEADS``.

A head is a frozen dataclass that begins with its ``kind``.
"""

from avrgym.prm.heads.chat import Chat
from avrgym.prm.heads.head import Head
from avrgym.prm.heads.implicit import Implicit
from avrgym.prm.heads.outcome import Both, Outcome
from avrgym.prm.heads.token import Token

#: What a judge's ``head`` may be, by its ``kind``.
HEADS: tuple[type, ...] = (Token, Chat, Outcome, Both, Implicit)

__all__ = ["HEADS", "Both", "Chat", "Head", "Implicit", "Outcome", "Token"]
