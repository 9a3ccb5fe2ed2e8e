#!/usr/bin/env bash
# Reads every feed of a folder with readers that are not ours, and fails at the first complaint.
#
#   packaging/check-feeds.sh [FOLDER]        (default: feeds)
#
#   1. xmllint: RSS, Atom and OPML are well-formed XML;
#   2. Python's feedparser: RSS and Atom are read without `bozo`, each entry has an id, a title, a link
#      and a date, each id once; JSON Feed has what JSON Feed 1.1 demands;
#   3. Python's icalendar: calendars are read, each event has UID, DTSTAMP and DTSTART;
#   4. newsboat: takes in RSS and Atom over loopback and finds as many articles as are in the files.
#
# A tool that is not installed is said to be skipped. PYTHON names the interpreter that has the two
# modules (`python3 -m venv DIR; DIR/bin/pip install feedparser icalendar; PYTHON=DIR/bin/python`).
set -euo pipefail

folder=$(realpath -- "${1:-feeds}")
python=${PYTHON:-python3}
fail() { printf 'check-feeds: %s\n' "$*" >&2; exit 1; }
skip() { printf 'skipped: %s\n' "$*"; }
has() { "$python" -c "import $1" 2>/dev/null; }

[ -d "$folder" ] || fail "$folder is no folder"
shopt -s nullglob
xml=("$folder"/*.rss "$folder"/*.atom)
[ ${#xml[@]} -gt 0 ] || fail "there is no feed in $folder"

if command -v xmllint >/dev/null; then
    xmllint --noout --nonet "${xml[@]}" "$folder"/*.opml || fail "not well-formed"
    printf 'xmllint: %d files\n' "${#xml[@]}"
else
    skip "xmllint"
fi

if has feedparser; then
    "$python" - "$folder" <<'PY' || fail "feedparser or JSON Feed"
import glob, json, sys
import feedparser

folder, entries, files = sys.argv[1], 0, 0
for path in sorted(glob.glob(f"{folder}/*.rss") + glob.glob(f"{folder}/*.atom")):
    feed = feedparser.parse(path)
    assert not feed.bozo, (path, feed.bozo_exception)
    assert feed.feed.title and feed.feed.link and feed.feed.language, path
    assert [one for one in feed.feed.links if one.rel == "self"], (path, "self")
    ids = [entry.id for entry in feed.entries]
    assert len(ids) == len(set(ids)), (path, "an id twice")
    for entry in feed.entries:
        assert entry.title and entry.link and (entry.get("published_parsed") or entry.get("updated_parsed")), (path, entry.id)
        assert entry.get("author"), (path, entry.id, "author")
    entries, files = entries + len(ids), files + 1
for path in sorted(glob.glob(f"{folder}/*.json")):
    feed = json.load(open(path, encoding="utf-8"))
    if "version" not in feed:
        continue
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["title"] and isinstance(feed["items"], list), path
    for item in feed["items"]:
        assert isinstance(item["id"], str) and ("content_html" in item or "content_text" in item), (path, item["id"])
    files += 1
print(f"feedparser and JSON Feed: {files} files, {entries} entries, bozo 0")
PY
else
    skip "feedparser ($python)"
fi

if has icalendar; then
    "$python" - "$folder" <<'PY' || fail "icalendar"
import glob, sys
from icalendar import Calendar

count = 0
for path in sorted(glob.glob(f"{sys.argv[1]}/*.ics")):
    data = open(path, "rb").read()
    assert b"\n" not in data.replace(b"\r\n", b""), (path, "line ends")
    calendar = Calendar.from_ical(data)
    assert calendar["version"] == "2.0" and calendar["prodid"], path
    for event in calendar.walk("VEVENT"):
        assert event["uid"] and event["dtstamp"] and event["dtstart"] and not event.errors, (path, event)
        count += 1
print(f"icalendar: {count} events")
PY
else
    skip "icalendar ($python)"
fi

if command -v newsboat >/dev/null && command -v "$python" >/dev/null; then
    scratch=$(mktemp -d)
    PYTHONUNBUFFERED=1 "$python" -m http.server --bind 127.0.0.1 --directory "$folder" 0 >"$scratch/log" 2>&1 &
    server=$!
    trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
    for _ in $(seq 100); do
        port=$(grep -o 'port [0-9]*' "$scratch/log" 2>/dev/null | head -n 1 | cut -d' ' -f2) && [ -n "$port" ] && break
        sleep 0.1
    done
    articles=0
    # newsboat shows what has one id once, whatever feeds it is in: so each feed by itself.
    for path in "${xml[@]}"; do
        rm -f "$scratch/cache"
        printf 'http://127.0.0.1:%s/%s\n' "$port" "$(basename "$path")" >"$scratch/urls"
        box=(newsboat -q -u "$scratch/urls" -c "$scratch/cache" -C /dev/null)
        "${box[@]}" -x reload >"$scratch/said" 2>&1 || { cat "$scratch/said"; fail "newsboat: $path"; }
        found=$("${box[@]}" -x print-unread | grep -o '^[0-9]*')
        wanted=$(grep -cE '<(item|entry)>' "$path" || true)
        [ "$found" -eq "$wanted" ] || fail "newsboat found $found of $wanted articles in $path"
        articles=$((articles + found))
    done
    printf 'newsboat: %d feeds, %d articles\n' "${#xml[@]}" "$articles"
else
    skip "newsboat"
fi
