"""The files of a POWSM checkpoint: in a folder, in RunPod's model cache, in Hugging Face's cache, or downloaded."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from runpod import RunPodLogger

from shared.errors import ModelUnavailableError

log = RunPodLogger()

RUNPOD_CACHE = Path("/runpod-volume/huggingface-cache/hub")
META = "meta.yaml"
MAIN = "main"

Fetch = Callable[[str], Path]
"""Takes the name of a checkpoint's file. Returns its path. Raises FileNotFoundError."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained model as ESPnet packs it: the training configuration, with the paths of files here, and the weights."""

    config: dict[str, Any]
    bpe_model: Path
    weights: Path


def find_checkpoint(model: str) -> Checkpoint:
    """Returns the checkpoint that a folder or a Hugging Face id (`espnet/powsm`, `espnet/powsm@revision`) names.

    Looks in RunPod's model cache, then in Hugging Face's cache, and downloads what is in neither. The files are those
    that the checkpoint's `meta.yaml` names: a repository can have several checkpoints. Raises ModelUnavailableError,
    which names the missing files.
    """
    missing = []
    for place, fetch in _places(model):
        try:
            return _read_checkpoint(fetch)
        except FileNotFoundError as error:
            missing.append(f"{place} has no {error}")
        except (yaml.YAMLError, KeyError, TypeError) as error:
            raise ModelUnavailableError(f"POWSM_MODEL={model}: {place} has no ESPnet checkpoint: {error!r}") from error
    raise ModelUnavailableError(f"POWSM_MODEL={model}: {'; '.join(missing)}")


def _places(model: str) -> Iterator[tuple[str, Fetch]]:
    """Yields the places to look in, in order, each with its name."""
    if Path(model).is_dir():
        yield "the folder", functools.partial(_in_folder, Path(model))
        return
    # Slow to import, and not needed for a folder.
    from huggingface_hub.constants import HF_HUB_CACHE

    repository, _, revision = model.partition("@")
    for place, cache in (("RunPod's model cache", RUNPOD_CACHE), ("Hugging Face's cache", Path(HF_HUB_CACHE))):
        yield place, functools.partial(_in_folder, _snapshot(cache, repository, revision or MAIN))
    yield "Hugging Face", functools.partial(_download, repository, revision or MAIN)


def _read_checkpoint(fetch: Fetch) -> Checkpoint:
    meta = _read_yaml(fetch(META))
    config = _read_yaml(fetch(meta["yaml_files"]["s2t_train_config"]))
    statistics = config["normalize_conf"].get("stats_file")
    if statistics:
        config["normalize_conf"]["stats_file"] = str(fetch(statistics))
    return Checkpoint(config, bpe_model=fetch(config["bpemodel"]), weights=fetch(meta["files"]["s2t_model_file"]))


def _read_yaml(path: Path) -> dict[str, Any]:
    # libyaml's parser: the token list has 40,000 lines, for which the one in Python takes seconds.
    content: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return content


def _in_folder(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(name)
    return path


def _snapshot(cache: Path, repository: str, revision: str) -> Path:
    """Returns the folder of a revision (a branch, a tag or a commit) in Hugging Face's cache layout.

    Where a cache has no record of the commit of `main`, but a single commit, it is that one.
    """
    folder = cache / f"models--{repository.replace('/', '--')}"
    reference = folder / "refs" / revision
    if reference.is_file():
        return folder / "snapshots" / reference.read_text().strip()
    snapshots = list(folder.glob("snapshots/*"))
    return snapshots[0] if revision == MAIN and len(snapshots) == 1 else folder / "snapshots" / revision


def _download(repository: str, revision: str, name: str) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HFValidationError

    log.info(f"downloading {name} of {repository}")
    try:
        return Path(hf_hub_download(repository, name, revision=revision))
    except (OSError, EntryNotFoundError, HFValidationError) as error:
        raise FileNotFoundError(f"{name} ({type(error).__name__})") from error
