#!/usr/bin/env bash
# Builds the container image without a container engine and without an image registry, and starts it.
#
#   packaging/check-image.sh target/dist/loaphuong      (or target/release/loaphuong)
#
# What it needs: Debian 12 (bookworm), root, and apt; `buildah` is installed when it is missing.
# What it does:
#   1. makes local stand-ins for the two base images under the names that the Dockerfile's FROM lines
#      give: the build image is busybox with a `cargo` that checks how it is called and hands out the
#      binary given above; the runtime image holds Debian's own libc, libgcc, libstdc++ and CA
#      certificates, no shell, and the user 65532, as the real one does;
#   2. builds the Dockerfile as it stands with buildah (every stage, COPY, cache mount and setting);
#   3. looks at the result: user, health check, stop signal, volume, entry point, and that nothing but
#      the state folder and /tmp can be written by the user;
#   4. runs `loaphuong --version` in it as 65532:65532, then the daemon itself, waits until
#      `loaphuong health` says yes, sends SIGTERM and expects exit status 0 within 10 s.
# Not shown by this: what the real base images contain, and that the crates compile there.
#
# All its files, images and containers live in one temporary folder that goes when it ends; the folder
# is made under TMPDIR (default /tmp) and needs about 500 MB. PORT (default 18080) must be free.
set -euo pipefail

fail() { printf 'check-image: %s\n' "$*" >&2; exit 1; }
say() { printf '== %s\n' "$*"; }

[ $# -eq 1 ] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
[ "$(id -u)" -eq 0 ] || fail "must run as root"
binary=$(realpath -- "$1")
[ -x "$binary" ] || fail "$1 is not an executable file"
project=$(cd "$(dirname "$0")/.." && pwd)
port=${PORT:-18080}

if ! command -v buildah >/dev/null; then
    say "installing buildah"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends buildah >/dev/null
fi

tmp=$(mktemp -d)
daemon=
finish() {
    [ -z "$daemon" ] || kill -KILL -- "-$daemon" 2>/dev/null || true
    b umount --all >/dev/null 2>&1 || true
    b rm --all >/dev/null 2>&1 || true
    rm -rf --one-file-system "$tmp"
}
b() { buildah --root "$tmp/storage" --runroot "$tmp/run" --storage-driver vfs "$@"; }
trap finish EXIT
trap 'exit 130' INT TERM
export TMPDIR="$tmp/tmp" BUILDAH_ISOLATION=chroot REGISTRIES_CONFIG_PATH="$tmp/registries.conf" XDG_RUNTIME_DIR="$tmp/run"
export CONTAINERS_REGISTRIES_CONF="$REGISTRIES_CONFIG_PATH"
mkdir -p "$tmp/tmp" "$tmp/run" "$tmp/debs" "$tmp/build/bin" "$tmp/runtime"
: >"$REGISTRIES_CONFIG_PATH"

mapfile -t bases < <(sed -n 's/^FROM \([^ ]*\).*/\1/p' "$project/Dockerfile")
[ "${#bases[@]}" -eq 2 ] || fail "expected two FROM lines in the Dockerfile"

say "stand-ins for ${bases[*]}"
(
    cd "$tmp/debs"
    apt-get download -qq -o APT::Sandbox::User=root \
        base-files busybox-static ca-certificates libc6 libgcc-s1 libstdc++6 netbase tzdata
)
unpack() { dpkg-deb -x "$tmp/debs/$2"_*.deb "$tmp/$1"; }

# The build image: a static busybox, and a `cargo` that only hands out the binary.
unpack build busybox-static
for applet in sh cp mkdir; do ln -sf busybox "$tmp/build/bin/$applet"; done
mkdir -p "$tmp/build/tmp" "$tmp/build/usr/local/cargo/bin"
chmod 1777 "$tmp/build/tmp"
cp -- "$binary" "$tmp/build/prebuilt"
cat >"$tmp/build/usr/local/cargo/bin/cargo" <<'CARGO'
#!/bin/sh
set -e
[ "$*" = "build --locked --profile dist --bin loaphuong" ] || { echo "cargo was called with: $*"; exit 1; }
for f in Cargo.toml Cargo.lock config.toml src/main.rs src/lib.rs; do
    [ -f "$f" ] || { echo "$f is missing from the build context"; exit 1; }
done
mkdir -p target/dist
cp /prebuilt target/dist/loaphuong
CARGO
chmod 0755 "$tmp/build/usr/local/cargo/bin/cargo"

# The runtime image: libraries and certificates, no shell.
for package in base-files ca-certificates libc6 libgcc-s1 libstdc++6 netbase tzdata; do unpack runtime "$package"; done
mkdir -p "$tmp/runtime/etc/ssl/certs" "$tmp/runtime/tmp" "$tmp/runtime/home/nonroot"
find "$tmp/runtime/usr/share/ca-certificates" -name '*.crt' -exec cat {} + >"$tmp/runtime/etc/ssl/certs/ca-certificates.crt"
echo 'root:x:0:0:root:/root:/sbin/nologin' >"$tmp/runtime/etc/passwd"
echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >>"$tmp/runtime/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$tmp/runtime/etc/group"
chown 65532:65532 "$tmp/runtime/home/nonroot"
chmod 0700 "$tmp/runtime/home/nonroot"
chmod 1777 "$tmp/runtime/tmp" "$tmp/runtime/var/tmp" 2>/dev/null || chmod 1777 "$tmp/runtime/tmp"

commit() { # FOLDER NAME [config options]
    local folder=$1 name=$2 container
    shift 2
    container=$(b from scratch)
    b add -q "$container" "$tmp/$folder" / >/dev/null
    [ $# -eq 0 ] || b config "$@" "$container"
    b commit -q --format docker "$container" "$name" >/dev/null
    b rm "$container" >/dev/null
}
commit build "${bases[0]}" --env PATH=/usr/local/cargo/bin:/bin
commit runtime "${bases[1]}" --user 65532 --workingdir /home/nonroot --env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt

say "building the Dockerfile"
b bud -q --pull-never --format docker --tag loaphuong-check -f "$project/Dockerfile" "$project" >/dev/null

say "looking at the image"
expect() { # WHAT WANT TEMPLATE
    local got
    got=$(b inspect --type image --format "$3" loaphuong-check)
    [ "$got" = "$2" ] || fail "$1 is '$got', expected '$2'"
    printf '   %-12s %s\n' "$1" "$got"
}
expect user 65532:65532 '{{.Docker.Config.User}}'
expect entrypoint '[/usr/local/bin/loaphuong]' '{{.Docker.Config.Entrypoint}}'
expect command '[run]' '{{.Docker.Config.Cmd}}'
expect health '[CMD /usr/local/bin/loaphuong health]' '{{.Docker.Config.Healthcheck.Test}}'
expect stop SIGTERM '{{.Docker.Config.StopSignal}}'
expect volume 'map[/var/lib/loaphuong:{}]' '{{.Docker.Config.Volumes}}'

container=$(b from --pull-never loaphuong-check)
root=$(b mount "$container")
[ "$(stat -c %u:%g "$root/var/lib/loaphuong")" = 65532:65532 ] || fail "the state folder has another owner"
cmp -s "$binary" "$root/usr/local/bin/loaphuong" || fail "the image holds another binary"
for f in etc/loaphuong/config.toml usr/local/bin/loaphuong; do
    [ -f "$root/$f" ] || fail "/$f is missing"
done
[ -n "$(ls -A "$root/srv/loaphuong/news")" ] || fail "/srv/loaphuong/news is empty"
[ ! -e "$root/bin/sh" ] || fail "there is a shell"
writable=$(find "$root" -xdev ! -type l \( -uid 65532 -o -gid 65532 -o -perm -0002 \) -printf '/%P\n' |
    grep -vxE '/(tmp|var/tmp|home/nonroot|var/lib/loaphuong|run/lock|var/lock)|/(dev|proc|sys)(/.*)?' || true)
[ -z "$writable" ] || fail "the user could write to: $writable"
unreadable=$(find "$root/etc/loaphuong" "$root/srv/loaphuong" "$root/usr/local/bin" -xdev ! -perm -0004 -printf '/%P ')
[ -z "$unreadable" ] || fail "the user cannot read: $unreadable"
size=$(du -smx "$root" | cut -f1)
b umount "$container" >/dev/null

inside() { b run --user 65532:65532 --env "LOAPHUONG_LISTEN=127.0.0.1:$port" "$container" -- /usr/local/bin/loaphuong "$@"; }

say "loaphuong --version"
inside --version

say "loaphuong run"
set -m # a process group of its own, so that the signal below reaches the daemon
inside run >"$tmp/out" 2>"$tmp/err" &
daemon=$!
set +m
for _ in $(seq 60); do
    if inside health >"$tmp/health" 2>&1; then healthy=yes; break; fi
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.5
done
[ "${healthy:-}" = yes ] || { cat "$tmp/err" "$tmp/health" >&2; fail "it never became healthy"; }
cat "$tmp/health"

say "SIGTERM"
began=$SECONDS
# In a chroot the daemon is a process of this machine: find the one that runs from this image.
pid=$(for p in /proc/[0-9]*; do
    { cmdline=$(tr '\0' ' ' <"$p/cmdline") && stat=$(cat "$p/stat"); } 2>/dev/null || continue
    read -r _ _ group _ <<<"${stat##*) }" # after the name: state, parent, process group
    if [ "$cmdline" = "/usr/local/bin/loaphuong run " ] && [ "$group" = "$daemon" ]; then echo "${p#/proc/}"; fi
done | head -1)
[ -n "$pid" ] || fail "the daemon's process was not found"
kill -TERM "$pid"
status=0
wait "$daemon" || status=$?
daemon=
[ "$status" -eq 0 ] || { cat "$tmp/err" >&2; fail "it ended with status $status"; }
[ $((SECONDS - began)) -le 11 ] || fail "it took $((SECONDS - began)) s to stop"

printf 'image: %s MB with the stand-in, of which the binary %s MB\n' "$size" "$(du -m "$binary" | cut -f1)"
echo "the image builds, and runs as 65532:65532"
