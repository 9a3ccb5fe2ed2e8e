"""Reads a JSON array of pages from stdin, writes what trafilatura makes of them and the time it took."""
import json
import sys
import time

import trafilatura

pages = json.load(sys.stdin)
start = time.process_time()
reads = []
for page in pages:
    document = trafilatura.bare_extraction(page["html"], url=page["url"], with_metadata=True, include_comments=False)
    known = document.as_dict() if document is not None else {}
    reads.append({key: known.get(key) for key in ("text", "title", "date", "author")})
json.dump({"reads": reads, "cpu": time.process_time() - start}, sys.stdout)
