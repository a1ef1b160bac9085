"""An interpreter that breaks."""

CASES = {
    "reads nothing": "ctypes.string_at(0)",
    "aborts": "os.abort()",
    "ends": "os._exit(1)",
    "leaves": "sys.exit('bye')",
    "kills itself": "os.kill(os.getpid(), signal.SIGKILL)",
    "kills its parent": "tries(lambda: os.kill(os.getppid(), signal.SIGKILL)) if world['namespaces'] else attempt(lambda: os.kill(os.getppid(), 0))",
    "kills the first process": "tries(lambda: os.kill(1, signal.SIGKILL)) if world['namespaces'] else attempt(lambda: os.kill(1, 0))",
    "closes everything": "os.closerange(0, 256)",
    "closes its output": "sys.stdout.close(); sys.stderr.close()",
    "replaces its output": "sys.stdout = None; sys.stderr = 3; sys.displayhook = None",
    "forgets its modules": "sys.modules.clear()",
    "forgets the language": "import builtins; [delattr(builtins, n) for n in ('print', 'len', 'eval', 'compile', 'open')]",
    "breaks what its runner uses": "import json; json.dumps = json.loads = None; os.write = os.read = None",
    "breaks the runner": """
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("runner"):
        vars(module).clear()
""",
    "writes over its own code": """
import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Session":
        vars(thing).clear()
""",
    "traces its runner": "sys.settrace(lambda *_: 1 / 0); sys.setprofile(lambda *_: None)",
    "goes beyond the stack": "import ast; eval('(' * 100 + ')' * 100) if False else compile('-' * 100_000 + '1', 'x', 'eval')",
    "nests without end": "x = []\nfor _ in range(100_000): x = [x]\nrepr(x)",
    "sends code that is none": "this is not python",
    "sends a null": "exec('a\\0b')",
    "runs out of descriptors": """
held = []
with contextlib.suppress(OSError):
    while True: held.append(os.open("/dev/null", 0))
""",
}
