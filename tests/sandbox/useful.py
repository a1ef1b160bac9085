"""Cells that ordinary work is made of; each prints 42."""

CHECKS = {
    "subprocess": "import subprocess\nprint(subprocess.run(['sh', '-c', 'echo $((6 * 7))'], capture_output=True, text=True).stdout)",
    "multiprocessing": (
        "import multiprocessing\ndef square(x): return x * x\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    print(sum(pool.map(square, [4, 5, 1])))"
    ),
    "threads": (
        "import concurrent.futures as f\nwith f.ThreadPoolExecutor(16) as pool: print(sum(pool.map(int, '6' * 7)))"
    ),
    "asyncio": "import asyncio\nprint(sum(await asyncio.gather(*(asyncio.sleep(0.01, 6) for _ in range(7)))))",
    "tempfile": (
        "import tempfile\nwith tempfile.TemporaryDirectory() as folder:\n    open(folder + '/x', 'w').write('42')\n"
        "    print(open(folder + '/x').read())"
    ),
    "zipfile": (
        "import zipfile\nwith zipfile.ZipFile('a.zip', 'w') as z: z.writestr('x', '42')\nprint(zipfile.ZipFile('a.zip').read('x'))"
    ),
    "time zones": (
        "import datetime, zoneinfo\nberlin = zoneinfo.ZoneInfo('Europe/Berlin')\n"
        "print(42 if datetime.datetime(2025, 7, 1, tzinfo=berlin).utcoffset().seconds == 7200 else 0)"
    ),
    "half a gigabyte": "import numpy as np\na = np.ones(500_000_000, dtype='u1')\nprint(42 if a.sum() == 500_000_000 else 0)\ndel a",
    "a large plot": (
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(30, 30), dpi=300)\n"
        "ax.scatter(range(2000), range(2000))\nplt.show()\nprint(42)"
    ),
    "Unicode": "name = 'Grüße-日本-🎉.txt'\nopen(name, 'w').write('42 ✓')\nprint(open(name).read())",
    "sqlite": "import sqlite3\ndb = sqlite3.connect('x.db')\ndb.execute('create table t (a)')\nprint(db.execute('select 42').fetchone())",
    "copying files": (
        "import shutil, tempfile\nopen('a', 'w').write('42')\nshutil.copy2('a', 'b')\nshutil.copytree('.', tempfile.gettempdir() + '/copy', dirs_exist_ok=True)\nprint(open('b').read())"
    ),
    "pandas": (
        "import pandas as pd\nframe = pd.DataFrame({'a': [1, 2, 3], 'b': list('xyx')})\nframe.to_csv('t.csv', index=False)\n"
        "print(42 if pd.read_csv('t.csv').groupby('b').a.sum()['x'] == 4 else 0)"
    ),
    "linear algebra": (
        "import numpy as np\na = np.random.default_rng(1).random((200, 200))\nprint(42 if np.allclose(a @ np.linalg.inv(a), np.eye(200)) else 0)"
    ),
    "pickling": (
        "import pickle\nclass Point:\n    def __init__(self, x): self.x = x\nprint(pickle.loads(pickle.dumps(Point(42))).x)"
    ),
    "hashes and randomness": "import hashlib, secrets\nhashlib.sha256(secrets.token_bytes(9)).hexdigest()\nprint(42)",
    "deep recursion": "def f(n): return 0 if n == 0 else 1 + f(n - 1)\nprint(42 if f(900) == 900 else 0)",
    "a signal of its own": (
        "import signal\ndone = []\nsignal.signal(signal.SIGALRM, lambda *_: done.append(42))\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\n"
        "import time\ntime.sleep(0.1)\nprint(*done)"
    ),
    "decimals and locale": "import decimal, locale\nprint(decimal.Decimal('40') + 2, locale.getpreferredencoding())",
}
