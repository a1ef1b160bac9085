#!/bin/sh
# Write what each lock file installs as a CycloneDX bill of materials: build/sbom/NAME.cdx.json
# They are made from the locks alone, so the same locks give the same files. CYCLONEDX names the command.
set -eu
cd "$(dirname "$0")/.."

mkdir -p build/sbom
for lock in requirements requirements-search requirements-telemetry requirements-container requirements-full orchat/sandbox/requirements; do
    name=$(echo "$lock" | tr / -)
    "${CYCLONEDX:-cyclonedx-py}" requirements "$lock.lock" --output-reproducible --short-PURLs --output-file "build/sbom/$name.cdx.json"
    echo "build/sbom/$name.cdx.json"
done
