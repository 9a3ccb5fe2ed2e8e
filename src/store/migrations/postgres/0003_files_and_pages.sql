-- What servers told of attachments: not asked again at every visit.
CREATE TABLE files (
  source TEXT NOT NULL,
  url TEXT NOT NULL,
  asked BIGINT NOT NULL,
  media_type TEXT,
  length BIGINT,
  PRIMARY KEY (source, url)
);

-- Articles' pages of a visit under way, so that one that is killed need not fetch them again.
CREATE TABLE pages (
  source TEXT NOT NULL,
  url TEXT NOT NULL,
  fetched BIGINT NOT NULL,
  found TEXT NOT NULL,
  media_type TEXT,
  charset TEXT,
  body BYTEA NOT NULL,
  etag TEXT,
  last_modified TEXT,
  PRIMARY KEY (source, url)
);
