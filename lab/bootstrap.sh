#!/bin/sh
# Prepares the virtual environment below the state directory, then runs its Python with the arguments given.
#   sh lab/bootstrap.sh -m demo up
#   sh lab/bootstrap.sh --print-state      the state directory
#   sh lab/bootstrap.sh --clean            remove the state directory and what builds leave in the checkout
#   sh lab/bootstrap.sh --clean-cache      remove the cache directory
# NETOPS_PYTHON, NETOPS_STATE and NETOPS_CACHE override the interpreter, the state and the cache directory.
set -eu

checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }

# The database server gives up root's rights, so it must be able to reach its files: every directory above them
# has to be open to others. A home directory usually is not.
reachable() {
    directory=$1
    while :; do
        [ -n "$(find "$directory" -prune -perm -001 2>/dev/null)" ] || return 1
        [ "$directory" = / ] && return 0
        directory=$(dirname -- "$directory")
    done
}

find_state() {
    if [ -n "${NETOPS_STATE:-}" ]; then
        case $NETOPS_STATE in /*) state=$NETOPS_STATE ;; *) state=$PWD/$NETOPS_STATE ;; esac
    elif [ "$(id -u)" != 0 ] || reachable "$checkout"; then
        state=$checkout/.netops
    else
        state=/var/tmp/netbox-netops-$(printf '%s' "$checkout" | cksum | cut -d' ' -f1)
        # The name is predictable and the place is open to everyone: never use what someone else put there.
        if [ -L "$state" ] || { [ -e "$state" ] && [ ! -O "$state" ]; }; then
            say "$state belongs to another user. Remove it, or choose a directory with NETOPS_STATE."
            exit 1
        fi
    fi
}

# pyenv's shims are on PATH but fail unless that version is selected, and Debian splits venv into an own package:
# only running it tells whether an interpreter will do.
usable() {
    "$1" -c 'import sys, ssl, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${NETOPS_PYTHON:-}" ]; then
        usable "$NETOPS_PYTHON" && { python=$NETOPS_PYTHON; return; }
        say "NETOPS_PYTHON=$NETOPS_PYTHON is not a Python >= 3.12 with the modules venv and ssl."
        exit 1
    fi
    # An environment that works is kept, whatever else has been installed since.
    if usable "$state/venv/bin/python"; then
        python=$("$state/venv/bin/python" -c 'import sys; print(sys._base_executable)')
        usable "$python" && return
    fi
    pyenv=${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}/versions
    for python in python3.12 python3.13 python3.14 python3 \
        /usr/bin/python3.12 /usr/bin/python3.13 /usr/bin/python3.14 /usr/bin/python3 \
        /usr/local/bin/python3.12 /usr/local/bin/python3.13 /usr/local/bin/python3.14 /usr/local/bin/python3 \
        "$pyenv"/3.12.*/bin/python3 "$pyenv"/3.13.*/bin/python3 "$pyenv"/3.14.*/bin/python3; do
        usable "$python" && return
    done
    say 'No Python >= 3.12 with the modules venv and ssl was found. Install one, then start again:'
    say '  Debian 13, Ubuntu 24.04:   apt-get install python3 python3-venv'
    say '  Fedora, RHEL 9+:           dnf install python3.12'
    say '  Debian 12, others:         pyenv install 3.12'
    say 'or name an interpreter: NETOPS_PYTHON=/path/to/python3.12 make demo'
    exit 1
}

find_state
NETOPS_STATE=$state
export NETOPS_STATE

case ${1:-} in
--print-state)
    printf '%s\n' "$state"
    exit ;;
--clean)
    # A running demo holds its files and its lock: it must be stopped by whoever started it, not pulled away.
    if [ -e "$state/venv/bin/python" ]; then
        (cd "$checkout" && "$state/venv/bin/python" -m lab.runs) || exit 1
    fi
    cd "$checkout"
    rm -rf -- "$state" *.egg-info build .pytest_cache .ruff_cache .hypothesis
    find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf -- {} +
    exit ;;
--clean-cache)
    rm -rf -- "${NETOPS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/netbox-netops}"
    exit ;;
esac

find_python
mkdir -p -- "$state"
if [ ! -w "$state" ]; then
    say "$state belongs to another user. Choose a directory with NETOPS_STATE."
    exit 1
fi
"$python" "$checkout/lab/install.py" "$checkout" "$state"
cd "$checkout"
exec "$state/venv/bin/python" "$@"
