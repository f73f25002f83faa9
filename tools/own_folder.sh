# A folder for logs and other files that last for an hour. Read by lab; no step teaches it.

# own_folder: makes the caller's own folder in $TMPDIR or /tmp, if it is not there yet, and prints its
# name. Everybody can write to /tmp, so another user can put a folder or a link there first, and read
# or redirect all that is written there: then this prints why on stderr, and fails.
own_folder() {
    local folder
    folder=${TMPDIR:-/tmp}/lab-$(id -un)
    mkdir -m 700 "$folder" 2>/dev/null || true
    if [ ! -d "$folder" ] || [ -L "$folder" ] || [ ! -O "$folder" ]; then
        echo "lab: $folder is not a folder of your own: remove it, or set TMPDIR" >&2
        return 1
    fi
    chmod 700 "$folder" && echo "$folder"
}
