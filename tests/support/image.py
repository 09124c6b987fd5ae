"""The parts of an image without Docker: the tree that its Dockerfile copies, its variables, its command."""

import io
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from docker.utils.build import exclude_paths
from dockerfile_parse import DockerfileParser

from tests.support.data import ROOT
from tests.support.process import Completed, output, run, run_python

IGNORED = ROOT / ".dockerignore"


@dataclass(frozen=True)
class Image:
    """The (sources, destination) of a Dockerfile's COPY lines, its variables, folder and command."""

    copies: list[tuple[list[str], str]]
    variables: dict[str, str]
    folder: str
    command: list[str]

    @classmethod
    def read(cls, dockerfile: str, engine: str = "powsm") -> "Image":
        """Returns the image of a Dockerfile's text: of its last stage, and of the stage of an engine if it is that."""
        parser = DockerfileParser(fileobj=io.BytesIO(_one_stage(dockerfile, engine).encode()))
        values = [(line["instruction"], line["value"]) for line in parser.structure]
        copies = [value.split() for instruction, value in values if instruction == "COPY"]
        [folder] = {value for instruction, value in values if instruction == "WORKDIR"}
        return cls([(names[:-1], names[-1]) for names in copies], parser.envs, folder, json.loads(parser.cmd))

    def assemble(self, folder: Path) -> None:
        """Makes the tree that stands in the image's folder. Raises FileNotFoundError for what is not in the context."""
        context = build_context()
        for sources, destination in self.copies:
            for source in sources:
                names = [name for name in context if name == Path(source) or Path(source) in name.parents]
                if not names:
                    raise FileNotFoundError(source)
                for name in names:
                    # a folder's content is copied, a file into a destination that ends in a slash
                    inside = name.relative_to(source) if name != Path(source) else Path(name.name)
                    target = folder / destination / inside
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, target)

    def run(self, folder: Path, environment: Path, arguments: list[str], **variables: str) -> Completed:
        """Runs the image's command in a tree with a virtual environment's Python, and with no other variables."""
        own = {name: value.replace(self.folder, str(folder)) for name, value in self.variables.items()}
        path = os.pathsep.join([str(environment / "bin"), os.defpath])
        variables = own | {"PATH": path, "HOME": os.devnull} | variables
        return run(*self.command, *arguments, folder=folder, environment=variables)


def _one_stage(dockerfile: str, engine: str) -> str:
    """Returns a Dockerfile whose last stage may be from another of its stages, `${ENGINE}`, as one stage."""
    _, *stages = re.split(r"^(?=FROM )", dockerfile, flags=re.MULTILINE)
    *others, last = stages
    base = [stage for stage in others if re.match(rf"FROM .* AS {engine}$", stage, flags=re.MULTILINE)]
    return "".join(base) + re.sub(r"^FROM \$.*", "", last) if base else last


def build_context() -> list[Path]:
    """Returns the files that `.dockerignore` lets through to a build."""
    lines = IGNORED.read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    return [Path(name) for name in exclude_paths(ROOT, patterns) if (ROOT / name).is_file()]


def install(lock: Path, environment: Path) -> None:
    """Gives a virtual environment what a lock names, and takes away what it does not."""
    uv("pip", "sync", "--python", str(environment), "--require-hashes", str(lock))


def uv(*arguments: str) -> None:
    """Runs uv, silently."""
    output(run_python("-m", "uv", "--quiet", *arguments))


def megabytes(folder: Path) -> float:
    """Returns the size of all files in a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6
