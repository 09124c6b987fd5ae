"""The endpoints' settings, from `endpoints.json`, for RunPod's REST API: `make deploy-config`, `make deploy`.

python .runpod/endpoints.py --image assessment=ucede/nonce-assessment:v1.0.0 --image …
python .runpod/endpoints.py --image … --create assessment ipa_generation
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

SETTINGS = Path(__file__).with_name("endpoints.json")
REST_API = "https://rest.runpod.io/v1"
KEY_VARIABLE = "RUNPOD_API_KEY"
TIMEOUT_SECONDS = 60


def main() -> None:
    """Prints what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", action="append", default=[], metavar="WORKER=NAME", help="a worker's image")
    parser.add_argument("--create", nargs="+", default=[], metavar="WORKER", help="create these workers' endpoints")
    parser.add_argument("--url", default=REST_API, help="of the REST API; default: %(default)s")
    arguments = parser.parse_args()
    workers = json.loads(SETTINGS.read_text())
    images = dict(image.split("=", maxsplit=1) for image in arguments.image)
    if arguments.create:
        create({name: bodies(workers, images)[name] for name in arguments.create}, arguments.url)
    else:
        print(json.dumps(bodies(workers, images), indent=2))


def bodies(workers: dict[str, Any], images: dict[str, str]) -> dict[str, Any]:
    """Returns what to post to `/templates` and `/endpoints` for each worker; the latter wants a `templateId` too."""
    return {
        name: {"template": {**worker["template"], "imageName": images[name]}, "endpoint": worker["endpoint"]}
        for name, worker in workers.items()
    }


def create(requests: dict[str, Any], url: str) -> None:
    """Creates a template and an endpoint for each worker, and prints the endpoint's name and id.

    Exits with one line where the API does not take one.
    """
    for request in requests.values():
        template = post(f"{url}/templates", request["template"])
        endpoint = post(f"{url}/endpoints", {**request["endpoint"], "templateId": template["id"]})
        print(endpoint["name"], endpoint["id"], flush=True)


def post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    """Returns what the REST API answers. Exits with one line where it refuses."""
    if KEY_VARIABLE not in os.environ:
        sys.exit(f"set {KEY_VARIABLE} to a key with write access")
    headers = {"Authorization": f"Bearer {os.environ[KEY_VARIABLE]}", "Content-Type": "application/json"}
    try:
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 (our own URL)
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        sys.exit(f"{url} answered {error.code}: {' '.join(error.read(400).decode(errors='replace').split())}")
    except urllib.error.URLError as error:
        sys.exit(f"{url} does not answer: {error.reason}")


if __name__ == "__main__":
    main()
