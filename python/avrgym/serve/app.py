"""The page and what it asks for: samples, pictures, walks, verdicts, and a model's replies.

Every answer is a function of its request, whatever was asked before: what a page shows is in its
own address, and a link to it shows the same.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import avrgym
from avrgym._core import TaskError
from avrgym.core.arguments import whole
from avrgym.core.extras import needs
from avrgym.prompts.format import Format
from avrgym.serve import query, told, walk
from avrgym.serve.desk import Asked, BusyError, Desk
from avrgym.serve.guard import HOSTS, Guard

with needs("serve"):
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

PAGES = Path(__file__).with_name("pages")

#: Bytes of a request's body; a reply of a model is far below.
MOST = 1 << 20


def application(model: Asked | None = None) -> Starlette:
    """The page as an ASGI application.

    Args:
        model: Who can be asked, if anybody.
    """
    desk = None if model is None else Desk(model)

    def about(_: Request) -> JSONResponse:
        asked = model and {
            "name": str(model.folder),
            "formats": [f"{shown}{end}" for shown in avrgym.FORMATS for end in ("", "-direct")],
        }
        return JSONResponse(
            {
                "tasks": told.tasks(),
                "themes": avrgym.THEMES,
                "splits": avrgym.SPLITS,
                "skills": avrgym.SKILLS,
                "model": asked,
            }
        )

    async def ask(request: Request) -> JSONResponse:
        if desk is None:
            raise HTTPException(404, "no model was given: avrgym play --serve FOLDER")
        given = await _body(request)
        address, format = _text(given, "address"), Format.parse(_text(given, "format"))
        [sample] = avrgym.samples([address])
        decoding = "sampled" if given.get("sampled") is True else "greedy"
        seed = whole("seed", given.get("seed", 0), 0, 2**63 - 1)
        said = await desk.ask(sample.address, format, decoding, seed)
        judged = await run_in_threadpool(told.verdict, sample.address, said.reply)
        seen = {"address": sample.address} | query.written(desk.model.picture)
        return JSONResponse(
            {
                "reply": said.reply.decode("utf-8", "replace"),
                "finish": said.finish,
                "seconds": said.seconds or 0.0,
                "tokens": len(said.ids),
                "picture": f"picture.png?{urlencode(seen)}" if format.pictured else None,
                "seen": f"{desk.model.picture.height} x {desk.model.picture.width} pixels, "
                f"theme {desk.model.picture.theme}",
                **judged,
            }
        )

    return Starlette(
        routes=[
            Route("/api/about", about),
            Route("/api/sample", _sample),
            Route("/api/walk", _walk),
            Route("/api/verify", _verify, methods=["POST"]),
            Route("/api/ask", ask, methods=["POST"]),
            Route("/picture.png", _picture),
            Mount("/", StaticFiles(directory=PAGES, html=True)),
        ],
        middleware=[
            Middleware(Guard),
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
        ],
        exception_handlers={
            TaskError: lambda _, wrong: JSONResponse({"error": str(wrong)}, 400),
            BusyError: lambda _, wrong: JSONResponse({"error": str(wrong)}, 409),
            HTTPException: _refused,
        },
    )


def _sample(request: Request) -> JSONResponse:
    asked = request.query_params
    known = told.sample(asked.get("address", ""))
    try:  # a picture too small says so in its own place, the words are shown as ever
        picture, unread = query.picture(known["address"], asked), ""
        picture.check([known["address"]])
    except TaskError as wrong:
        unread = str(wrong)
    return JSONResponse({**known, "unread": unread})


def _picture(request: Request) -> Response:
    asked = request.query_params
    [sample] = avrgym.samples([asked.get("address", "")])
    picture = query.picture(sample.address, asked)
    if "moves" in asked:
        drawn = walk.frame(sample.address, asked["moves"], picture)
    else:
        size = (picture.height, picture.width)
        [drawn] = avrgym.encode([sample.address], size, picture.theme, insist=picture.insist)
    return Response(drawn, 200, {"cache-control": "private, max-age=60"}, "image/png")


def _walk(request: Request) -> JSONResponse:
    asked = request.query_params
    came = walk.walk(asked.get("address", ""), asked.get("moves", ""))
    return JSONResponse({name: getattr(came, name) for name in walk.Walked.__slots__})


async def _verify(request: Request) -> JSONResponse:
    given = await _body(request)
    address, reply = _text(given, "address"), _text(given, "reply")
    return JSONResponse(await run_in_threadpool(told.verdict, address, reply))


def _refused(_: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)
    return JSONResponse({"error": wrong.detail}, wrong.status_code, wrong.headers)


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of a request.

    Forms of other sites can send text, but no JSON that says so.
    """
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415, "send application/json")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST:
            raise HTTPException(413, f"a request has at most {MOST:,} bytes")
    try:
        given = json.loads(body)
    except ValueError as wrong:
        raise HTTPException(400, f"this is no JSON: {wrong}") from None
    if not isinstance(given, dict):
        raise HTTPException(400, "send a JSON object")
    return given


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise HTTPException(400, f"{name} is no text")
    return value
