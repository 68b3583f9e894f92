"""A catalogue of tiny models, and wheels that hold their parts."""

import hashlib
from pathlib import Path
from zipfile import ZipFile

from tests import tiny_packing

DATA = bytes(range(250)) * 1000  # in parts of 100,000, 100,000 and 50,000 bytes
DIGEST = hashlib.sha256(DATA).hexdigest()
PACKED = tiny_packing.packed()


def write_catalogue(path: Path, hub: str) -> None:
    path.write_text(
        f"""
[hubs]
first = "{hub}/first/{{repository}}/{{file}}"
second = "{hub}/second/{{repository}}/{{file}}"

[models.tiny]
kind = "gguf"
licence = "MIT"
measured = true
repository = "us/tiny"
[[models.tiny.files]]
name = "tiny.gguf"
size = {len(DATA)}
sha256 = "{DIGEST}"
parts = {{ project = "tiny-part{{number}}", version = "1.0", member = "*/data/part{{number:02}}.bin", \
count = 3, size = 100_000 }}

[models.pair]
kind = "sentence-transformers"
licence = "MIT"
measured = false
repository = "us/pair"
files = [
    {{ name = "config.json", size = {len(DATA)}, sha256 = "{DIGEST}" }},
    {{ name = "1_Pooling/config.json", size = 2, sha256 = "{hashlib.sha256(b"{}").hexdigest()}" }},
]

[models.packed]
kind = "sentence-transformers"
licence = "MIT"
measured = true
prompts = {{ query = "q: ", document = "d: " }}
[[models.packed.files]]
name = "packed.bin"
size = {len(PACKED)}
sha256 = "{hashlib.sha256(PACKED).hexdigest()}"
packing = "E5S1"
parts = {{ project = "tiny-packed", version = "1.0", member = "tiny/packed.bin", count = 1, \
size = {len(PACKED)} }}
"""
    )


def write_wheel(folder: Path, project: str, member: str, data: bytes) -> None:
    folder.mkdir(exist_ok=True)
    name = project.replace("-", "_")
    with ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('a part was imported')")
        wheel.writestr(member, data)
        info = f"{name}-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def write_parts(folder: Path, data: bytes = DATA) -> None:
    for number in (1, 2, 3):
        cut = data[(number - 1) * 100_000 : number * 100_000]
        write_wheel(folder, f"tiny-part{number}", f"tiny_part{number}/data/part{number:02}.bin", cut)
    write_wheel(folder, "tiny-packed", "tiny/packed.bin", PACKED)
