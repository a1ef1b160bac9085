#!/bin/sh
# Ask the database of known vulnerabilities (https://pypi.org, by pip-audit) about every version in the lock files.
# It needs the internet, and fails where there is none: no answer is not a good one. PIP_AUDIT names the command.
set -eu
cd "$(dirname "$0")/.."

failed=
for lock in requirements-full requirements-dev orchat/sandbox/requirements; do
    echo "$lock.lock"
    "${PIP_AUDIT:-pip-audit}" --progress-spinner off --strict --disable-pip --require-hashes --requirement "$lock.lock" || failed="$failed $lock.lock"
done
if [ -n "$failed" ]; then
    echo "orchat: not audited, or with known vulnerabilities:$failed. The reason is above. Without a way to" >&2
    echo "https://pypi.org nothing was looked up: run it again from a machine that has one." >&2
    exit 1
fi
