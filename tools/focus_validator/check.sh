#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Evernormal contributors
# SPDX-License-Identifier: Apache-2.0
#
# Has the published FOCUS validator check a focus.csv.
#
#   tools/focus_validator/check.sh [--env DIR] FILE
#
# The validator cannot live beside us: it needs NumPy 1. It gets an environment of its own in DIR
# (default var/focus-validator), made the first time from pinned and hashed packages.
# Exit code: 0 the file passes, 1 it does not, 3 the validator cannot be installed.
set -euo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ENVIRONMENT="$HERE/../../var/focus-validator"
if [ "${1:-}" = --env ]; then
    ENVIRONMENT="$2"
    shift 2
fi
FILE="${1:?a focus.csv}"
PYTHON="${PYTHON:-python3.11}"

install_validator() {
    rm -rf "$ENVIRONMENT"
    mkdir -p "$(dirname "$ENVIRONMENT")"
    "$PYTHON" -m venv "$ENVIRONMENT" &&
        "$ENVIRONMENT/bin/python" -m pip install -q --disable-pip-version-check --require-hashes \
            -r "$HERE/requirements-focus-validator.txt" &&
        touch "$ENVIRONMENT/.installed"
}

if ! [ "$ENVIRONMENT/.installed" -nt "$HERE/requirements-focus-validator.txt" ]; then
    if ! install_validator >&2; then
        echo "check.sh: the FOCUS validator cannot be installed" >&2
        exit 3
    fi
fi
exec "$ENVIRONMENT/bin/python" "$HERE/check.py" "$FILE"
