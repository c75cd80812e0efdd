#!/bin/sh
# Makes the environment `.venv`, or adds to it: tools/environment.sh GROUP
#
# GROUP is a dependency group of pyproject.toml, or `core` for limbeck alone. $PYTHON names the interpreter to
# use; without it the newest one that can be found is taken. uv does the work where it is on PATH, else venv
# and pip do.
set -eu

group=$1
venv=.venv
oldest="3.11"
is_new_enough="import sys; sys.exit(sys.version_info < (3, 11))"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "limbeck: $*"
    exit 1
}

# The interpreter itself: behind a shim, and behind an environment that happens to be active.
resolve() { "$1" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))'; }

version_of() { "$1" -c 'import platform; print(platform.python_version())' 2>/dev/null; }

find_python() {
    for candidate in python3.14 python3.13 python3.12 python3.11 python3 python; do
        if "$candidate" -c "$is_new_enough" >/dev/null 2>&1; then
            resolve "$candidate"
            return
        fi
    done
}

has_uv() { command -v uv >/dev/null 2>&1; }

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        found=$(version_of "$PYTHON") || fail "PYTHON=$PYTHON is not a Python that runs."
        "$PYTHON" -c "$is_new_enough" 2>/dev/null ||
            fail "Python $oldest or newer is needed, and PYTHON=$PYTHON is Python $found."
        resolve "$PYTHON"
        return
    fi
    python=$(find_python)
    if [ -z "$python" ]; then
        if has_uv; then
            python=">=$oldest" # uv can fetch one
        elif found=$(version_of python3) && [ -n "$found" ]; then
            fail "Python $oldest or newer is needed, and the newest here is Python $found;" \
                "name another one with \`make PYTHON=/path/to/python ...\`."
        else
            fail "Python $oldest or newer is needed, and none is on PATH;" \
                "name one with \`make PYTHON=/path/to/python ...\`."
        fi
    fi
    printf '%s\n' "$python"
}

make_venv() {
    python=$(choose_python)
    rm -rf "$venv"
    if has_uv; then
        uv venv --quiet --python "$python" "$venv"
    else
        "$python" -c 'import ensurepip' 2>/dev/null ||
            fail "$python comes without \`ensurepip\`, so it cannot make environments:" \
                "install your system's package for it (Debian: python3-venv), or uv."
        "$python" -m venv "$venv"
        # `--group` came with pip 25.1.
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
    fi
    printf '%s\n' "${PYTHON:-}" >"$venv/.python"
    say "made $venv with Python $(version_of "$venv/bin/python")"
}

is_usable() {
    [ -f "$venv/.python" ] || return 1
    [ -z "${PYTHON:-}" ] || [ "$PYTHON" = "$(cat "$venv/.python")" ] || return 1
    "$venv/bin/python" -c "$is_new_enough" >/dev/null 2>&1 || return 1
    has_uv || "$venv/bin/python" -c 'import pip' >/dev/null 2>&1
}

install() {
    say "installing limbeck and its group \`$group\` into $venv"
    if [ "$group" = core ]; then set -- ; else set -- --group "$group"; fi
    if has_uv; then
        uv pip install --quiet --python "$venv/bin/python" --editable . "$@"
    else
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable . "$@"
    fi
}

is_usable || make_venv
install
touch "$venv/.with-$group"
