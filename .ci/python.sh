#!/usr/bin/env bash
# The Python package: built as a wheel, installed into a new environment, and tried there with Spark, DuckDB, Polars and
# pandas. What it installs goes below target/; Spark needs Java.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }
environment=$PWD/target/python
versions=(pyarrow==26.0.1 pyspark==4.3.0 duckdb==2.0.1 polars==2.1.0 pandas==3.1.1)

say "the wheel"
python3 -m venv --clear "$environment"
if ! "$environment/bin/pip" install --quiet maturin==1.16.0 ruff==0.17.6 mypy==2.4.1 pytest==9.2.0 "${versions[@]}"; then
  say "NOT CHECKED: the Python package: pip cannot install what it is tried with"
  exit 0
fi
# The same profile and features as `cargo build --release`, which so builds nothing again.
rm -rf target/wheels
(cd python && "$environment/bin/maturin" build --release --out ../target/wheels)
"$environment/bin/pip" install --quiet "$(echo target/wheels/eligo-*.whl)[spark,duckdb,polars,pandas]"

say "its style and types"
(cd python && "$environment/bin/ruff" format --check . && "$environment/bin/ruff" check . && "$environment/bin/mypy" src)

say "its tests"
tests=()
if ! command -v java >/dev/null && ! { apt-get update && apt-get install --yes openjdk-17-jre-headless; } >/dev/null 2>&1; then
  say "NOT CHECKED: Spark: there is no Java, and apt cannot install it"
  tests=(--ignore tests/test_spark.py --deselect tests/test_docs.py::test_the_examples_run)
fi
cd python && "$environment/bin/python" -m pytest --quiet --durations 10 "${tests[@]}"
