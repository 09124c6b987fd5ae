"""The endpoints' settings, from `endpoints.json`: for RunPod's REST API (`make deploy-config`), or as a table.

python .runpod/endpoints.py --image assessment=ucede/nonce-assessment:v1.0.0 --image …
python .runpod/endpoints.py --image … --create assessment ipa_generation
python .runpod/endpoints.py --table
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
SCALERS = {"QUEUE_DELAY": "queue delay, {} s", "REQUEST_COUNT": "request count, {}"}


def main() -> None:
    """Prints what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", action="append", default=[], metavar="WORKER=NAME", help="a worker's image")
    parser.add_argument("--create", nargs="+", default=[], metavar="WORKER", help="create these workers' endpoints")
    parser.add_argument("--url", default=REST_API, help="of the REST API; default: %(default)s")
    parser.add_argument("--table", action="store_true", help="print the console's settings as a table")
    arguments = parser.parse_args()
    workers = json.loads(SETTINGS.read_text())
    images = dict(image.split("=", maxsplit=1) for image in arguments.image)
    if arguments.table:
        print(table(workers))
    elif arguments.create:
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


def table(workers: dict[str, Any]) -> str:
    """Returns what to enter in RunPod's console, in its words, as a Markdown table."""
    columns = [console(worker) for worker in workers.values()]
    header = f"| setting | {' | '.join(f'`{name}`' for name in workers)} |"
    rows = [f"| {setting} | {' | '.join(column[setting] for column in columns)} |" for setting in columns[0]]
    return "\n".join([header, "| --- " * (len(columns) + 1) + "|", *rows])


def console(worker: dict[str, Any]) -> dict[str, str]:
    """Returns one endpoint's settings as the console names them."""
    endpoint, more = worker["endpoint"], worker["more"]
    is_cpu = endpoint["computeType"] == "CPU"
    machines = endpoint["cpuFlavorIds" if is_cpu else "gpuTypeIds"]

    def range_of(field: str) -> str:
        return f"{endpoint[field]}" + (f", up to {more[field]}" if field in more else "")

    return {
        "endpoint and template name": f"`{endpoint['name']}`",
        "endpoint type": "queue",
        "machines, best first": ", ".join(name.removeprefix("NVIDIA ") for name in machines),
        "a worker": f"{endpoint['vcpuCount']} vCPUs" if is_cpu else f"{endpoint['gpuCount']} GPU",
        "CUDA": "none" if is_cpu else f"{endpoint['minCudaVersion']} or later",
        "active workers": range_of("workersMin"),
        "max workers": range_of("workersMax"),
        "idle timeout": f"{endpoint['idleTimeout']} s",
        "execution timeout": f"{endpoint['executionTimeoutMs'] // 1000} s",
        "auto-scaling": SCALERS[endpoint["scalerType"]].format(range_of("scalerValue")),
        "FlashBoot": "on" if endpoint["flashboot"] else "off",
        "model": f"`{worker['model']}`" if "model" in worker else "none",
        "container start command": f"`{' '.join(worker['template']['dockerStartCmd'])}`",
        "container disk": f"{worker['template']['containerDiskInGb']} GB",
        "environment variables": ", ".join(f"`{k}={v}`" for k, v in worker["template"]["env"].items()) or "none",
    }


if __name__ == "__main__":
    main()
