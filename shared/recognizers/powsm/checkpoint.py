"""The files of a POWSM checkpoint: in a folder, in a cache, downloaded, or packed by ESPnet."""

import functools
import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shared.errors import ModelUnavailableError
from shared.recognizers.powsm.compatibility import WITHOUT_DECODER, check_config

log = logging.getLogger(__name__)

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

    @property
    def has_decoder(self) -> bool:
        """Whether the checkpoint is of `espnet/powsm`'s kind, and not of `espnet/powsm_ctc`'s."""
        return bool(self.config["model"] != WITHOUT_DECODER)


def find_checkpoint(model: str) -> Checkpoint:
    """Returns the checkpoint that `model` names, and checks that it is one of POWSM.

    `model` is a folder, a file or a URL that ESPnet packed, a Hugging Face id (`espnet/powsm`,
    `espnet/powsm@revision`), or a name in the table of ESPnet's model zoo. An id is looked up in RunPod's model cache,
    then in Hugging Face's, and downloaded when it is in neither. The files are those that the checkpoint's `meta.yaml`
    names: a repository can have several checkpoints. Raises ModelUnavailableError, which names the missing files.
    """
    missing = []
    for place, fetch in _places(model):
        try:
            checkpoint = _read_checkpoint(fetch)
            check_config(checkpoint.config)
            return checkpoint
        except FileNotFoundError as error:
            missing.append(f"{place} has no {error}")
        except (yaml.YAMLError, KeyError, TypeError, IndexError) as error:
            raise ModelUnavailableError(f"POWSM_MODEL={model}: {place} has no ESPnet checkpoint: {error!r}") from error
    raise ModelUnavailableError(f"POWSM_MODEL={model}: {'; '.join(missing)}")


def _places(model: str) -> Iterator[tuple[str, Fetch]]:
    """Yields the places to look in, in order, each with its name."""
    if Path(model).is_dir():
        yield "the folder", functools.partial(_in_folder, Path(model))
    elif Path(model).is_file() or "://" in model:
        yield "the archive", functools.partial(_in_folder, _unpack(model))
    elif Path(model).is_absolute():
        raise ModelUnavailableError(f"POWSM_MODEL={model}: there is no such folder or file")
    else:
        # Slow to import, and not needed for a folder.
        from huggingface_hub.constants import HF_HUB_CACHE

        repository, _, revision = model.partition("@")
        for place, cache in (("RunPod's model cache", RUNPOD_CACHE), ("Hugging Face's cache", Path(HF_HUB_CACHE))):
            yield place, functools.partial(_in_folder, _snapshot(cache, repository, revision or MAIN))
        if _is_in_model_zoo(model):
            yield "the model zoo", functools.partial(_in_folder, _unpack(model))
        else:
            yield "Hugging Face", functools.partial(_download, repository, revision or MAIN)


def _is_in_model_zoo(name: str) -> bool:
    """Returns whether the model zoo's table has a name. Nothing can be downloaded where its folder can't be made."""
    try:
        return bool(_model_zoo().query(name=name))
    except OSError:
        return False


def _model_zoo() -> Any:
    """Returns ESPnet's downloader. It keeps its files beside Hugging Face's, which the images put on a volume."""
    with warnings.catch_warnings(action="ignore"):  # espnet_model_zoo 0.1.7 imports distutils
        from espnet_model_zoo.downloader import ModelDownloader
    from huggingface_hub.constants import HF_HUB_CACHE

    return ModelDownloader(Path(HF_HUB_CACHE).parent / "espnet_model_zoo")


def _unpack(model: str) -> Path:
    """Returns the folder of a checkpoint unpacked from a file, a URL or a name in the model zoo's table.

    Raises ModelUnavailableError.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # it warns of what an archive is always unpacked with
            files = _model_zoo().download_and_unpack(model, quiet=True)
    except Exception as error:  # of requests, zipfile, tarfile and yaml; some plain RuntimeErrors and assertions
        raise ModelUnavailableError(f"POWSM_MODEL={model}: no archive packed by ESPnet: {error!r}") from error
    return next(folder for folder in Path(next(iter(files.values()))).parents if (folder / META).is_file())


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
