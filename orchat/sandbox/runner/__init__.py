"""The runner: what runs inside the sandbox. It takes code as frames, runs it and tells what happened.

Standard library only, and no import from the rest of orchat: the Python of the user's environment runs it. It serves
the application and does not guard against the code that it runs; what guards is in place before the first cell.
"""
