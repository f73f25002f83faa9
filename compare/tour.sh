# The end of `lab tour`: what the steps' chats cost, side by side. Its words are those of
# tools/tour.sh.
title 'one chat over every transport, measured in a few seconds'
if command -v python3 >/dev/null; then
    set -- --brief --clients 10 --messages 20 --rate 40
    printf '  $ %s\n\n' "./lab compare $*"
    "$bin/compare" run "$@" || wrong 'not every message came'
    printf '\n  %sNotice:%s %s\n' "$bold" "$plain" 'what is pushed is there at once, polling takes about half its interval; each request, and each answer, has headers. All figures, in under a minute: ./lab compare'
else
    printf '  %sskipped: Python, which shows the figures, is not here%s\n' "$dim" "$plain"
fi
