"""The page served to browsers of this machine, until it is interrupted."""

import socket
from collections.abc import Callable

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.serve.app import application
from avrgym.serve.desk import Asked

with needs("serve"):
    import uvicorn

LOOPBACK = "127.0.0.1"


def serve(
    model: Asked | None,
    port: int,
    hear: Callable[[str], None],
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Serves the page.

    Args:
        model: Who can be asked, if anybody.
        port: Where; 0 for one that is free.
        hear: Is told where the page is, once it can be opened.
        stop: Asked every second whether to end: an interrupt that some library swallowed before
            the server heard any would else be forgotten.

    Raises:
        TaskError: The port is taken, or there is no such.
    """
    if not 0 <= port <= 65535:
        raise TaskError(f"--port {port} is none; give 1024 to 65535, or 0 for one that is free")
    with socket.socket() as door:
        # A port that was left a moment ago can be taken again.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((LOOPBACK, port))
        except OSError as wrong:
            raise TaskError(
                f"--port {port}: {wrong.strerror}; give another, or 0 for one that is free"
            ) from None
        door.listen()
        hear(f"http://{LOOPBACK}:{door.getsockname()[1]}/")

        async def look() -> None:
            server.should_exit |= stop()

        config = uvicorn.Config(
            application(model),
            callback_notify=look,
            timeout_notify=1,
            log_level="error",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        server.run(sockets=[door])
