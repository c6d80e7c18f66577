#!/usr/bin/env bash
# Wheel and sdist, each into an empty environment, used from another folder: what a user gets from an index.
# Called by `make dist` with the Python to use; needs the package index for the dependencies.
set -euo pipefail
python=${1:-python3}
root=$(cd "$(dirname "$0")/../.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cd "$root"
rm -rf dist
"$python" -m build --outdir dist .
for file in dist/*.whl dist/*.tar.gz; do
  "$python" -m venv "$place/env"
  "$place/env/bin/python" -m pip install --quiet --disable-pip-version-check "$root/$file"
  mkdir "$place/else where" && cd "$place/else where"
  gsae="$place/env/bin/gsae"
  "$gsae" --version
  "$gsae" verify --theorem gamma1.contraction --dim 32 --groups 8 --block 2 --dictionary orthogonal --lam 0.2 --steps 20
  "$gsae" prove --step L37 > /dev/null
  printf '[[case]]\nid = "a"\ntheorems = ["gamma1.contraction"]\n[case.model]\ndim = 32\ngroups = 8\nblock = 2\ndictionary = "orthogonal"\n[case.train]\nlam = 0.2\nsteps = 20\n' > own.toml
  "$gsae" report --spec own.toml --out out && test -s out/index.html
  "$place/env/bin/python" -m gsae_theory theorems 'gamma1.*' > /dev/null
  cd "$root"
  rm -rf "$place/env" "$place/else where"
  echo "$file: installs and works from another folder"
done
