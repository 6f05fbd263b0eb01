"""Who may ask: pages of this server alone, and what they may load."""

from avrgym.core.extras import needs

with needs("serve"):
    from starlette.datastructures import Headers, MutableHeaders
    from starlette.responses import JSONResponse
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Host names that a browser of this machine says. Another one came by a foreign name that was made
#: to point here.
HOSTS: tuple[str, ...] = ("127.0.0.1", "localhost")

# No script, font, style or picture from elsewhere, and no page elsewhere that holds this one.
_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Refuses what pages of other sites ask, and marks every reply as this site's own."""

    def __init__(self, app: ASGIApp) -> None:
        """Stands before ``app``."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request pass, or not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        # A link from elsewhere may lead to the page; nothing else there may ask for anything.
        by = Headers(scope=scope).get("sec-fetch-site", "none")
        if by not in ("same-origin", "none") and scope["path"] != "/":
            refused = JSONResponse({"error": "asked by a page of another site"}, 403)
            await refused(scope, receive, marked)
            return
        await self.app(scope, receive, marked)
