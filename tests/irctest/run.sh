#!/bin/sh
# Runs irctest against chat-server. See README.md. Arguments are passed to pytest.
set -eu

commit=b00c039766f5c497920dd787f7cb0e0005bd5ce0
here=$(cd "$(dirname "$0")" && pwd)
workspace=$(cd "$here/../.." && pwd)
work=${CARGO_TARGET_DIR:-$workspace/target}/irctest
suite=${IRCTEST_DIR:-$work/suite}

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

modules=
for name in account_registration account_tag away away_notify bot_mode buffering cap chathistory chmodes \
    channel_rename connection_registration echo_message extended_join help info invite isupport join kick kill labeled_responses list lusers \
    message_tags messages monitor multi_prefix names oper part pingpong quit read_marker redact regressions sasl \
    setname statusmsg time topic umodes utf8 wallops websocket who whois whowas
do
    modules="$modules irctest/server_tests/$name"
    [ -d "$suite/irctest/server_tests/$name" ] || modules="$modules.py"
done

cd "$suite"
# Modules are split at spaces on purpose.
# shellcheck disable=SC2086
PYTHONPATH="$here" exec "$work/venv/bin/pytest" --controller controller \
    -m 'not implementation-specific and not deprecated and not strict' \
    $modules "$@"
