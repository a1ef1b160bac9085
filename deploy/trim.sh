#!/bin/sh
# Make an installed environment fit for an image: sh trim.sh /opt/orchat
# Out go the packages' own tests, what C is built with, and copies of scripts for notebooks; in goes the bytecode, since
# nothing may be written later.
set -eu

packages=$(echo "$1"/lib/python3*/site-packages)

# numpy.testing, which scipy and others import, needs this one of numpy's tests.
find "$packages" -depth -type d \( -name tests -o -name test -o -name _tests -o -name testdata -o -name benchmarks \
    -o -path '*/testing/suite' \) ! -path '*/numpy/_core/tests' -exec rm -rf {} +
find "$packages"/numpy/_core/tests -mindepth 1 ! -name _natype.py ! -name __init__.py -exec rm -rf {} + 2>/dev/null || :
rm -rf "$packages"/pyarrow/include "$packages"/numpy/_core/include "$1"/share/jupyter "$1"/etc/jupyter
find "$packages" -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.h' -o -name '*.hpp' -o -name '*.c' \
    -o -name '*.a' -o -name '*.js.map' -o -name conftest.py \) -delete
"$1"/bin/python -m compileall -q -j 0 "$packages"
