"""Disk space and numbers of files without end."""

CASES = {
    "one large file": """
with contextlib.suppress(OSError):
    with open("large", "wb") as file:
        while file.tell() < 1 << 30:
            file.write(bytes(1 << 20))
if os.path.exists("large") and os.path.getsize("large") > 200 << 20:
    print("BREACH")
""",
    "many files": """
for number in range(100):
    with open(f"large{number}", "wb") as file:
        file.write(os.urandom(4 << 20))
    time.sleep(0.02)
print("BREACH")
""",
    "a file that is reserved": "attempt(lambda: os.posix_fallocate(os.open('reserved', os.O_CREAT | os.O_RDWR), 0, 1 << 32))",
    "a file with a hole": "attempt(lambda: os.truncate(os.open('hole', os.O_CREAT | os.O_RDWR), 1 << 40))",
    "files without a name": """
held = []
for number in range(40):
    file = open(f"unnamed{number}", "wb")
    os.unlink(f"unnamed{number}")
    held.append(file)
    for _ in range(8):
        file.write(os.urandom(1 << 20))
        file.flush()
    time.sleep(0.03)
print("BREACH")
""",
    "the temporary folder filled": """
import tempfile
held = 0
with contextlib.suppress(OSError):
    for number in range(100):
        with open(os.path.join(tempfile.gettempdir(), f"fill{number}"), "wb") as file:
            held += file.write(bytes(8 << 20))
        time.sleep(0.02)
for number in range(100):
    tries(lambda: os.unlink(os.path.join(tempfile.gettempdir(), f"fill{number}")))
if held > 400 << 20:
    print("BREACH", held)
""",
    "small files by the thousand": """
os.makedirs("small", exist_ok=True)
for number in range(30_000):
    open(f"small/{number}", "w").close()
    if number % 100 == 0:
        time.sleep(0.01)
print("BREACH")
""",
    "small files in the temporary folder": """
import tempfile
folder = tempfile.mkdtemp()
for number in range(30_000):
    open(f"{folder}/{number}", "w").close()
    if number % 100 == 0:
        time.sleep(0.01)
print("BREACH")
""",
    "folders in folders": """
with contextlib.suppress(OSError):
    for _ in range(400):
        os.mkdir("deep")
        os.chdir("deep")
os.chdir(os.environ["HOME"])
""",
    "a folder that nobody may open": """
os.makedirs("closed/inner", exist_ok=True)
open("closed/inner/file", "w").write("x")
os.chmod("closed/inner", 0)
os.chmod("closed", 0)
""",
    "folders by the thousand": """
for number in range(30_000):
    os.mkdir(f"folder{number}")
    if number % 100 == 0:
        time.sleep(0.01)
print("BREACH")
""",
}
