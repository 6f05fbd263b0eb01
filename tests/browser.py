"""Headless Chromium, driven through its pipe: pages of a chosen width, keys, scripts, pictures."""

import base64
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
_KEYS = {"ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, "Backspace": 8}


class Page:
    """A tab; what its console complains of is kept."""

    def __init__(self, read: BinaryIO, write: BinaryIO) -> None:
        self._read, self._write = read, write
        self._count = 0
        self._session: str | None = None
        self.complaints: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def _message(self) -> dict[str, Any]:
        said = bytearray()
        while (letter := self._read.read(1)) != b"\0":
            if not letter:
                raise EOFError("Chromium has ended")
            said += letter
        told: dict[str, Any] = json.loads(said)
        if told.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
            self.complaints.append(json.dumps(told["params"]))
        return told

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        asked = {"id": self._count, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        self._write.write(json.dumps(asked).encode() + b"\0")
        self._write.flush()
        while (told := self._message()).get("id") != self._count:
            pass
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']}")
        result: dict[str, Any] = told["result"]
        return result

    def sized(self, width: int, height: int = 900, dark: bool = False) -> None:
        """Lays the page out as on a screen of so many CSS pixels."""
        phone = width < 600
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])

    def go(self, url: str) -> None:
        """Opens another page, and waits until it is loaded."""
        self._call("Page.navigate", url="about:blank")
        self._call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script: str) -> Any:
        """The value of an expression, awaited."""
        told = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def until(self, condition: str) -> None:
        """Waits, 20 seconds at most, until an expression holds."""
        polled = f"""new Promise((done, fail) => {{
            const end = Date.now() + 20000;
            const look = () => ({condition}) ? done() : Date.now() > end
                ? fail(new Error("never: " + {json.dumps(condition)})) : setTimeout(look, 20);
            look();
        }})"""
        self.run(polled)

    def choose(self, name: str, value: str) -> None:
        """Changes a control, as a hand would."""
        at = f"document.getElementById({json.dumps(name)})"
        self.run(f"{at}.value = {json.dumps(value)}, {at}.dispatchEvent(new Event('change'))")

    def press(self, *keys: str) -> None:
        """Presses keys, one after another: names of keys, or single letters."""
        for key in keys:
            code = _KEYS.get(key, ord(key.upper()) if len(key) == 1 else 0)
            down = {"key": key, "windowsVirtualKeyCode": code}
            text = {"text": key} if len(key) == 1 else {}
            self._call("Input.dispatchKeyEvent", type="keyDown", **down, **text)
            self._call("Input.dispatchKeyEvent", type="keyUp", **down)

    def type(self, text: str) -> None:
        """Types a text where the cursor is, all at once."""
        self._call("Input.insertText", text=text)

    def shoot(self, file: Path) -> None:
        """Takes a picture of the whole page."""
        told = self._call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(told["data"]))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A page in a Chromium of its own, which ends with the block."""
    (hears, tells), (listens, says) = os.pipe(), os.pipe()
    flags = "--headless --no-sandbox --disable-gpu --remote-debugging-pipe --no-first-run"
    command = (
        f"exec {shlex.quote(str(CHROMIUM))} {flags} --user-data-dir={shlex.quote(str(profile))}"
    )
    with subprocess.Popen(
        ["bash", "-c", f"{command} 3<&{hears} 4>&{says} 2>/dev/null"], pass_fds=(hears, says)
    ) as process:
        os.close(hears)
        os.close(says)
        try:
            with open(listens, "rb") as read, open(tells, "wb") as write:
                yield Page(read, write)
        finally:
            process.terminate()
