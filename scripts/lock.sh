#!/bin/sh
# Write requirements.lock, its siblings and that of the sandbox: exact versions with hashes for Python 3.11 to 3.13 on
# Linux, macOS and Windows, and no address of any index. `--no-upgrade` keeps the versions that still fit.
set -eu
cd "$(dirname "$0")/.."

uv=${UV:-uv}
upgrade=--upgrade
[ "${1:-}" = --no-upgrade ] && upgrade=

# What a developer's machine adds by configuration (mirrors, local wheels) must not leak into a file that others install.
compile() {
    env -u PIP_FIND_LINKS -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
        "$uv" pip compile --quiet $upgrade --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}

compile requirements.txt --output-file requirements.lock
# The constraints make the tests run on exactly the versions that users get.
compile requirements-search.txt --constraint requirements.lock --output-file requirements-search.lock
compile requirements-telemetry.txt --constraint requirements-search.lock --output-file requirements-telemetry.lock
compile requirements-dev.txt --constraint requirements-search.lock --output-file requirements-dev.lock
compile requirements-container.txt --constraint requirements.lock --output-file requirements-container.lock
compile requirements-full.txt --constraint requirements-dev.lock --output-file requirements-full.lock
# What code in the sandbox can import: an environment of its own, with versions of its own.
compile orchat/sandbox/requirements.txt --output-file orchat/sandbox/requirements.lock
