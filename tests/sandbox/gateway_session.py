"""A session through a Jupyter server, run by a Python that has the client: prints what came of it."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from orchat.sandbox import Result, Sandbox, engine_for
from orchat.settings import Settings


def told(result: Result) -> dict[str, object]:
    return json.loads(json.dumps(asdict(result), default=lambda data: f"{len(data)} bytes"))


if __name__ == "__main__":
    server, token, data = sys.argv[1:]
    settings = Settings(ORCHAT_DATA_DIR=data, ORCHAT_SANDBOX_GATEWAY=server, ORCHAT_SANDBOX_GATEWAY_TOKEN=token)
    with Sandbox.open(Path(data) / "workspace", engine=engine_for("gateway", settings)) as box:
        box.files.write("in.csv", b"a,b\n1,2\n")
        results = {
            "first": box.run("x = 5\nprint(open('in.csv').read())\nx + 1"),
            "error": box.run("1 / 0"),
            "files": box.run("open('out.bin', 'wb').write(bytes(range(256)) * 12_000)\nNone"),
            "slow": box.run("import time\ntime.sleep(60)", timeout=1),
            "state": box.run("x"),
        }
        kept = box.files.read("out.bin") == bytes(range(256)) * 12_000
    sys.stdout.write(json.dumps({name: told(result) for name, result in results.items()} | {"kept": kept}))
