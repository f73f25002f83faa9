# `lab doctor`: what this machine lacks, and what it cannot show. Installs nothing. Read by lab; no step
# teaches it.

# unless SENTENCE COMMAND...: says the sentence if the command fails.
unless() {
    local sentence=$1
    shift
    "$@" >/dev/null 2>&1 </dev/null || echo "  $sentence"
}

libwebsockets_version() {
    printf '#include <lws_config.h>\nLWS_LIBRARY_VERSION_MAJOR.LWS_LIBRARY_VERSION_MINOR.LWS_LIBRARY_VERSION_PATCH\n' |
        "${CXX:-c++}" -E -P -x c++ - 2>/dev/null | tail -n 1 | tr -d ' '
}

# Prints what is wrong with what has to be there; nothing if nothing is.
required_faults() {
    [ ${#missing[@]} -eq 0 ] || echo "  missing: $(joined "${missing[@]}")"
    local old
    old=$(too_old)
    [ -z "$old" ] || echo "  $old"
}

machine_limits() {
    unless "strace, ss and networks of one's own: only Linux has them" [ "$(uname -s)" = Linux ]
    unless "packets, with tcpdump: that takes root" [ "$(id -u)" -eq 0 ]
    unless "networks of one's own: unshare -n is refused" unshare -n true
    unless "system calls: strace is missing, or refused" strace -o /dev/null true
    unless "IPv6: it has no address ::1" has_ipv6
    unless "the faults of libwebsockets 4.1.6, as lesson 05 does: it has another version" \
        [ "$(libwebsockets_version)" = 4.1.6 ]
}

doctor() {
    [ $# -eq 0 ] || bad_usage "doctor: too many words"
    local faults tools limits
    need_python
    list_build_tools
    faults=$(required_faults)
    echo "Required:"
    if [ -n "$faults" ]; then
        echo "$faults"
    else
        echo "  all there: $("${CXX:-c++}" --version | head -n 1), libwebsockets $(libwebsockets_version)"
    fi
    echo "For tests and lessons, which skip what needs one of these:"
    tools=$(missing_tools)
    if [ -n "$tools" ]; then describe "$tools"; else echo "  all there"; fi
    echo "This machine does not show:"
    limits=$(machine_limits)
    echo "${limits:-  nothing of it: it shows all}"
    [ ${#missing[@]} -eq 0 ] || how_to_install
    [ -z "$faults" ]
}

# Linux lists its addresses in a file; the others have ifconfig.
has_ipv6() {
    grep -qs '^00000000000000000000000000000001 ' /proc/net/if_inet6 || ifconfig lo0 | grep -q 'inet6 ::1'
}
