"""Links that lead out, for the sandbox itself or for whoever collects its files."""

CASES = {
    "a link to a secret": "tries(lambda: os.symlink(world['secret'], 'link')); attempt(lambda: look_for(read('link')))",
    "a link to the folder of a secret": """
tries(lambda: os.symlink(world["folder"], "folder"))
attempt(lambda: look_for(read("folder/secrets.toml")))
""",
    "a hard link to a secret": "attempt(lambda: os.link(world['secret'], 'hard'))",
    "a hard link to a system file": "attempt(lambda: os.link('/usr/bin/env', 'hard'))",
    "a link to itself": "tries(lambda: os.symlink('loop', 'loop')); attempt(lambda: read('loop'))",
    "a link to a device": "tries(lambda: os.symlink('/dev/mem', 'mem')); attempt(lambda: read('mem'))",
    "a link in the temporary folder": """
import tempfile
tries(lambda: os.symlink(world["secret"], os.path.join(tempfile.gettempdir(), "link")))
attempt(lambda: look_for(read(os.path.join(tempfile.gettempdir(), "link"))))
""",
    "links by the thousand": """
for number in range(1000):
    tries(lambda: os.symlink("/", f"many{number}"))
for name in os.listdir("."):
    if name.startswith("many"):
        os.unlink(name)
""",
    "a pipe where a file is expected": "tries(lambda: os.mkfifo('pipe'))",
    "a device of its own": "attempt(lambda: os.mknod('disk', 0o60666, os.makedev(8, 0)))",
    "a link of the kernel's": "attempt(lambda: look_for(read(f'/proc/{world[\"victim\"]}/exe')))",
    "a link that changes while it is read": """
def flip():
    for _ in range(300):
        tries(lambda: os.unlink("flipping"))
        tries(lambda: os.symlink(world["secret"], "flipping"))
        tries(lambda: os.unlink("flipping"))
        tries(lambda: open("flipping", "w").close())
flipping = threading.Thread(target=flip)
flipping.start()
while flipping.is_alive():
    tries(lambda: look_for(read("flipping")))
""",
}
