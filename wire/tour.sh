# The last scene of `lab tour`: a recording of step 04, read by wire. Its words are those of
# tools/tour.sh.
title 'the wire itself: who said what to whom in a recording of step 04'
set -- lessons/pictures/04_websocket.pcap
printf '  $ %s\n\n' "./lab wire $*"
"$bin/wire" "$@" || wrong 'the recording could not be read'
printf '\n  %sNotice:%s %s\n' "$bold" "$plain" 'one request and its answer, and from then on frames go both ways. What each byte means: add --fields, or --html page.html and open the page'
