#!/bin/sh
# Make the virtual environment if there is none and install what a lock file names: sh scripts/set_up.sh requirements.lock
# Environment: PYTHON (the interpreter to use, default python3), VENV (where the environment goes, default .venv).
set -eu
cd "$(dirname "$0")/.."

lock=$1
venv=${VENV:-.venv}
ready=$venv/$(basename "$lock")
supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

fail() {
    printf '\norchat: %s\n' "$@" >&2
    exit 1
}

# Running it is the only proof: version managers leave commands on PATH that only complain.
find_python() {
    for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c "$supported" 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11, 3.12 or 3.13 is needed, and none was found (${PYTHON:-python3} is $("${PYTHON:-python3}" -V 2>&1 | head -n 1)).
Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.13),
or name it: make PYTHON=/path/to/python3.13 run"
}

make_environment() {
    python=$(find_python) || exit 1
    echo "Making $venv with $("$python" -V)"
    rm -rf "$venv"
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv "$venv"
    elif command -v uv >/dev/null; then
        uv venv --quiet --no-config --seed --python "$python" "$venv"
    else
        fail "$python cannot make a virtual environment: its module venv or ensurepip is missing.
Install it (Debian, Ubuntu: apt install python3-venv) and try again."
    fi
}

# uv is several times faster than pip; its own version and hash come from the lock as well.
find_uv() {
    if command -v uv; then
        return
    fi
    if [ ! -x "$venv/bin/uv" ]; then
        sed -n '/^uv==/,/[^\\]$/p' requirements-dev.lock >"$venv/uv.lock"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
            --requirement "$venv/uv.lock" >&2 || return
    fi
    echo "$venv/bin/uv"
}

# pip knows mirrors and proxies from its own configuration, so it has the last word where uv fails.
install() {
    echo "Installing $lock into $venv"
    # Where a proxy signs with its own certificate only the system knows it; the second name is that of older versions.
    export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1
    if uv=$(find_uv) && "$uv" pip install --quiet --no-config --python "$venv/bin/python" --require-hashes -r "$lock"; then
        return
    fi
    echo "uv did not manage; trying pip"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock" ||
        fail "the packages of $lock could not be installed; the reason is above.
Without a network, or behind a mirror: set PIP_INDEX_URL, then run the same command again."
}

"$venv/bin/python" -c "$supported" 2>/dev/null || make_environment
cmp -s "$lock" "$ready" || install
cp "$lock" "$ready"
