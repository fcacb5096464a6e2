#!/bin/sh
# Runs irctest against chat-server, or against chat-client. See README.md.
# run.sh [--tls | --client] [argument of pytest]...
set -eu

commit=b00c039766f5c497920dd787f7cb0e0005bd5ce0
here=$(cd "$(dirname "$0")" && pwd)
workspace=$(cd "$here/../.." && pwd)
work=${CARGO_TARGET_DIR:-$workspace/target}/irctest
suite=${IRCTEST_DIR:-$work/suite}

controller=controller
tests=irctest/server_tests
left_out=
case ${1:-} in
    --tls)
        export IRCTEST_TLS=1
        shift
        ;;
    --client)
        controller=client_controller
        tests=irctest/client_tests
        # These have a server that does not say which mechanisms it has, and want PLAIN at once. The
        # client tries SCRAM-SHA-256 first.
        for name in testPlain testPlainLarge testPlainLargeMultiple; do
            left_out="$left_out --deselect $tests/sasl.py::SaslTestCase::$name"
        done
        # It wants the client to shake hands first and leave then. The client refuses the handshake,
        # as testStsInvalidCertificate has it.
        left_out="$left_out --deselect $tests/tls.py::TlsTestCase::testUntrustedCertificate"
        shift
        ;;
esac

if [ -z "${IRCTEST_DIR:-}" ] && [ "$(git -C "$suite" rev-parse HEAD 2>/dev/null || true)" != "$commit" ]; then
    rm -rf "$suite"
    git init --quiet "$suite"
    git -C "$suite" fetch --quiet --depth 1 https://github.com/progval/irctest "$commit"
    git -C "$suite" checkout --quiet FETCH_HEAD
fi

if [ ! -x "$work/venv/bin/pytest" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet -r "$suite/requirements.txt" pytest-xdist
fi

cd "$suite"
# What is left out is split at spaces on purpose. The marks are for what other servers do besides the
# specifications, and for specifications nobody follows any more.
# shellcheck disable=SC2086
PYTHONPATH="$here" exec "$work/venv/bin/pytest" --controller "$controller" \
    -m 'not implementation-specific and not deprecated' \
    $left_out "$tests" "$@"
