"""Both workers behind a page on this machine: `make play`. It keeps nothing: attempts are kept by the browser."""

import argparse
import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from assessment import handler as assessment
from assessment.report.answer import assessed, headline
from assessment.report.page import SCRIPT, STYLE, THEME, article
from assessment.report.summary import shown_words, sound_counts
from ipa_generation import handler as ipa_generation
from shared.errors import InvalidInputError
from shared.serving.runpod_sdk import configure_logging
from shared.serving.settings import read_settings

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
PORT = 8002

PAGE = Path(__file__).with_name("page.html")
OWN = (PAGE.with_suffix(".css"), PAGE.with_suffix(".js"), THEME, STYLE, SCRIPT)
FILES = {"/": PAGE, **{f"/{path.name}": path for path in OWN}}
HEADERS = {
    # A report comes as text: it has attributes of style, and no script.
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'; img-src data:; media-src data:; "
    "script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'",
    "Cache-Control": "no-store",
}

Load = Callable[[], object]
MODELS: Mapping[str, Load] = {
    "the dictionary": ipa_generation.generator,
    "the recognizer and the acoustic model": assessment.assessor,
}


@dataclass
class Progress:
    """How many of the models are loaded, which comes next, and why loading ended early, if it did."""

    models: int
    loaded: int = 0
    loading: str = ""
    error: str = ""


def create_app(models: Mapping[str, Load] = MODELS) -> FastAPI:
    """Returns the server of the page, which begins at once to load the models."""
    progress = Progress(len(models))
    # Models are loaded and jobs are done in one thread: a job that comes early waits, as it does in a worker.
    thread = ThreadPoolExecutor(max_workers=1)
    thread.submit(_load, models, progress)

    app = FastAPI(openapi_url=None)
    # A page elsewhere whose name points to this machine is no caller.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", LOOPBACK])
    for path, file in FILES.items():
        app.add_route(path, _sender(file))

    @app.get("/progress")
    def get_progress() -> dict[str, Any]:
        return asdict(progress) | {"max_seconds": read_settings().max_audio_seconds}

    @app.post("/ipa")
    async def write_ipa(fields: dict[str, Any]) -> dict[str, Any]:
        return await _in(thread, lambda: _do(ipa_generation.handler, fields | {"detail": True}))

    @app.post("/attempts")
    async def assess(fields: dict[str, Any]) -> dict[str, Any]:
        return await _in(thread, lambda: attempt(fields))

    def attempt(fields: dict[str, Any]) -> dict[str, Any]:
        uri = str(fields.get("audio_uri"))
        if not uri.startswith("data:"):  # the page has no other, and another page must not read this machine's files
            return {"error": str(InvalidInputError("send the recording as a data: URI"))}
        answer = _do(assessment.handler, fields | {"detail": True})
        if "error" in answer:
            return answer
        shown = replace(assessed(answer["output"], uri, fields.get("target_text")), name="Your attempt")
        points, band = headline(shown.answer)
        sounds = [
            {"name": str(sound), "right": right, "of": number}
            for sound, (right, number) in sound_counts(shown_words(shown)).items()
        ]
        return answer | {"report": article(shown), "points": points, "band": band, "sounds": sounds}

    return app


def _sender(file: Path) -> Callable[[Request], FileResponse]:
    return lambda _: FileResponse(file, headers=HEADERS)


def _load(models: Mapping[str, Load], progress: Progress) -> None:
    try:
        for name, load in models.items():
            progress.loading = name
            load()
            progress.loaded += 1
    except Exception as error:  # whatever it is: the page waits, and the errors of a thread are seen by nobody
        progress.error = str(error)
        log.error(f"{progress.loading}: {error}")


def _do(handler: Callable[[Any], dict[str, Any]], fields: dict[str, Any]) -> dict[str, Any]:
    """Returns what RunPod would: a handler's answer as `output`, or its `error`."""
    answer = handler({"id": "playground", "input": fields})
    return answer if "error" in answer else {"output": answer}


async def _in(thread: ThreadPoolExecutor, job: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return await asyncio.get_running_loop().run_in_executor(thread, job)


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="python -m assessment.playground", description="A page to speak into.")
    parser.add_argument("--port", type=int, default=PORT, help="default: %(default)s")
    port = parser.parse_args().port
    configure_logging()
    print(f"http://localhost:{port}", flush=True)
    uvicorn.run(create_app(), host=LOOPBACK, port=port, log_level="warning")
