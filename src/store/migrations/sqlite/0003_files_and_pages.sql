-- What servers told of attachments: not asked again at every visit.
CREATE TABLE files (
  source TEXT NOT NULL,
  url TEXT NOT NULL,
  asked INTEGER NOT NULL,
  media_type TEXT,
  length INTEGER,
  PRIMARY KEY (source, url)
) STRICT;

-- Articles' pages of a visit under way, so that one that is killed need not fetch them again.
CREATE TABLE pages (
  source TEXT NOT NULL,
  url TEXT NOT NULL,
  fetched INTEGER NOT NULL,
  found TEXT NOT NULL,
  media_type TEXT,
  charset TEXT,
  body BLOB NOT NULL,
  etag TEXT,
  last_modified TEXT,
  PRIMARY KEY (source, url)
) STRICT;
