"""An application with sandboxes open, to be killed: prints its folder when all is ready."""

import sys
import time
from pathlib import Path

from orchat.sandbox import Pool, engine_for
from orchat.settings import Settings
from tests.sandbox.battery import IMAGE

if __name__ == "__main__":
    folder = Path(sys.argv[2])
    settings = Settings(ORCHAT_DATA_DIR=folder, ORCHAT_SANDBOX_PACKAGES=False, ORCHAT_SANDBOX_IMAGE=IMAGE)
    engine = engine_for(sys.argv[1], settings)
    pool = Pool(lambda: engine, warm=1)
    for number in range(2):
        box = pool.session("ann", str(number), folder / f"workspace{number}")
        box.run("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()")
        box.run("import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True)")
    while not pool._warm._ready:
        time.sleep(0.05)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    pool.session("ann", "0", folder / "workspace0").run("while True: pass", timeout=600)
