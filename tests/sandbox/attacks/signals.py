"""Code that does not want to be stopped; the battery runs these with little time."""

CASES = {
    "ignores the interrupt": "signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "catches the interrupt": """
while True:
    try:
        time.sleep(10)
    except KeyboardInterrupt:
        pass
""",
    "blocks every signal": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\nwhile True: pass",
    "computes where no signal comes": "10 ** 10 ** 9",
    "matches without end": "import re; re.match(r'(a+)+$', 'a' * 60 + 'b')",
    "stops itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "wakes itself": "signal.signal(signal.SIGALRM, lambda *_: None); signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\nwhile True: pass",
    "sleeps": "time.sleep(1000)",
    "waits for itself": "lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "waits for a pipe": "r, w = os.pipe(); os.read(r, 1)",
    "waits at the end": "import atexit; atexit.register(time.sleep, 1000); sys.exit(3)",
    "changes the handler and goes on": "signal.signal(signal.SIGINT, lambda *_: print('no'))\nwhile True: time.sleep(1)",
}
