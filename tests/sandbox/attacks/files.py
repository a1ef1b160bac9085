"""Files outside of the workspace."""

CASES = {
    "lists the folder of the host": "attempt(lambda: os.listdir(world['folder']))",
    "lists the root's folders": """
for path in ("/home", "/root", "/var", "/srv", "/mnt", "/boot", "/run", "/etc"):
    names = []
    tries(lambda: names.extend(os.listdir(path)))
    system = {"ld.so.cache", "localtime", "fonts", "mime.types", "alternatives"}
    leads_to_python = {name for name in names if (sys.prefix + "/").startswith(f"{path}/{name}/") or (sys.base_prefix + "/").startswith(f"{path}/{name}/")}
    if set(names) - system - leads_to_python and not world["image"]:
        print("BREACH", path, names)
""",
    "writes where programs are": """
for path in ("/opened", "/usr/lib/opened", "/usr/bin/opened", "/etc/opened", "/lib/opened", "/dev/opened", "/opt/opened"):
    attempt(lambda: open(path, "w").write("x"))
""",
    "writes into the standard library": "attempt(lambda: open(os.path.join(os.path.dirname(os.__file__), 'opened.py'), 'w'))",
    "writes into its environment": """
attempt(lambda: open(os.path.join(sys.prefix, "opened"), "w"))
for folder in sys.path:
    if folder and os.path.isdir(folder):
        attempt(lambda: open(os.path.join(folder, "opened.pth"), "w"))
""",
    "writes into its runner": """
runner = os.path.dirname(sys.modules["runner.session"].__file__)
attempt(lambda: open(os.path.join(runner, "session.py"), "a").write("x"))
attempt(lambda: open(os.path.join(runner, "__pycache__", "x"), "w"))
""",
    "writes a file of the host": "attempt(lambda: open(world['secret'], 'a').write('x'))",
    "truncates a file of the host": "attempt(lambda: os.truncate(world['secret'], 0))",
    "deletes a file of the host": "attempt(lambda: os.unlink(world['secret']))",
    "renames a file of the host": "attempt(lambda: os.rename(world['secret'], world['secret'] + '.old'))",
    "moves a file of the host here": "attempt(lambda: os.rename(world['secret'], 'mine'))",
    "puts a file in place of the host's": "open('mine', 'w').close(); attempt(lambda: os.replace('mine', world['secret']))",
    "makes a folder on the host": "attempt(lambda: os.mkdir(world['folder'] + '/new'))",
    "changes the mode of a file of the host": "tries(lambda: os.chmod(world['secret'], 0o777))",
    "changes the owner of a file of the host": "tries(lambda: os.chown(world['secret'], 1, 1))",
    "changes the times of a file of the host": "tries(lambda: os.utime(world['secret'], (1, 1)))",
    "sets an attribute on a file of the host": "attempt(lambda: os.setxattr(world['secret'], 'user.x', b'1'))",
    "starts a program of the host": "attempt(lambda: subprocess.run([world['program']], check=True))",
    "goes through its own root": "attempt(lambda: look_for(read('/proc/self/root' + world['secret'])))",
    "goes through the first process' root": "attempt(lambda: look_for(read('/proc/1/root' + world['secret'])))",
    "goes through the folder of another process": "attempt(lambda: os.listdir(f'/proc/{world[\"victim\"]}/cwd/'))",
    "goes up from its folder": """
path = "."
for _ in range(40):
    path += "/.."
    tries(lambda: look_for(read(path + world["secret"])))
""",
    "goes through a folder that it holds open": """
handle = os.open(".", os.O_RDONLY)
attempt(lambda: os.open("../" * 40 + world["secret"].lstrip("/"), os.O_RDONLY, dir_fd=handle))
""",
    "watches a folder of the host": """
notify = libc.inotify_init1(0)
if notify >= 0:
    returns_error(libc.inotify_add_watch(notify, world["folder"].encode(), 0xFFF), (1, 2, 13))
""",
    "becomes root by a program that may": """
for program in ("su", "sudo", "passwd", "chsh", "newgrp", "mount", "pkexec", "bwrap"):
    path = "/usr/bin/" + program
    tries(lambda: look_for(subprocess.run([path, "--help"], capture_output=True, timeout=5, stdin=subprocess.DEVNULL)))
    tries(lambda: look_for(subprocess.run([path, "-c", f"cat {world['secret']}"], capture_output=True, timeout=5)))
""",
    "leaves a module for the next interpreter": """
for name in ("json.py", "os.py", "sitecustomize.py", "usercustomize.py", "encodings.py"):
    open(name, "w").write("import os; print('BREACH'); os._exit(3)")
os._exit(0)
""",
}
