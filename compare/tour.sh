# The end of `lab tour`: what the steps' chats cost, side by side. Its words are those of
# common/tour.sh.
title 'one chat over every transport, measured in a few seconds'
printf '  $ %s\n\n' "./lab compare --brief --clients 10 --rate 40"
"$bin/compare" run --brief --clients 10 --messages 20 --rate 40 \
    --transport lines --transport websocket --transport sse --transport longpoll \
    --transport ajax-100 --transport ajax-1000 || wrong 'not every message came'
printf '\n  %sNotice:%s %s\n' "$bold" "$plain" 'pushing takes less than a millisecond, polling half its interval; each request has a head. All figures, in a minute: ./lab compare'
