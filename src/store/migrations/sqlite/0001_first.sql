CREATE TABLE sources (
  slug TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  active INTEGER NOT NULL,
  due INTEGER NOT NULL,
  lease TEXT,
  leased_until INTEGER NOT NULL DEFAULT 0,
  first_read INTEGER,
  last_ok INTEGER,
  failures INTEGER NOT NULL DEFAULT 0,
  cause TEXT,
  problems TEXT NOT NULL DEFAULT '[]',
  etag TEXT,
  last_modified TEXT,
  version INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sources_due ON sources (active, due);

CREATE TABLE entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  guid TEXT NOT NULL,
  slug TEXT NOT NULL,
  url TEXT,
  title TEXT NOT NULL,
  published TEXT,
  updated TEXT,
  author TEXT,
  summary TEXT,
  content_html TEXT NOT NULL,
  images TEXT NOT NULL,
  attachments TEXT NOT NULL,
  categories TEXT NOT NULL,
  version TEXT,
  digest TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  seen INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  sorted INTEGER NOT NULL,
  UNIQUE (source, guid)
) STRICT;
CREATE INDEX entries_newest ON entries (source, sorted DESC, id DESC);
CREATE UNIQUE INDEX entries_slug ON entries (source, slug);

CREATE TABLE welcomed (
  feed TEXT NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (feed, address)
) STRICT;

CREATE TABLE addresses (
  address TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  ready INTEGER NOT NULL DEFAULT 0,
  lease TEXT,
  leased_until INTEGER NOT NULL DEFAULT 0,
  refusals INTEGER NOT NULL DEFAULT 0,
  cause TEXT
) STRICT;

CREATE TABLE moves (
  former TEXT PRIMARY KEY,
  present TEXT NOT NULL
) STRICT;

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  entry INTEGER NOT NULL REFERENCES entries (id),
  address TEXT NOT NULL,
  channel TEXT NOT NULL,
  feed TEXT NOT NULL,
  digest INTEGER NOT NULL,
  silent INTEGER NOT NULL,
  owed_since INTEGER NOT NULL,
  due INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  doubts INTEGER NOT NULL DEFAULT 0,
  lease TEXT,
  leased_until INTEGER NOT NULL DEFAULT 0,
  message_ids TEXT NOT NULL DEFAULT '[]',
  cause TEXT,
  settled INTEGER,
  UNIQUE (entry, address)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (channel, due, id) WHERE state = 'due';
CREATE INDEX deliveries_head ON deliveries (address, id) WHERE state = 'due';
CREATE INDEX deliveries_open ON deliveries (channel, state, due) WHERE state IN ('sending', 'doubt');
CREATE INDEX deliveries_doubt ON deliveries (address) WHERE state = 'doubt';
CREATE INDEX deliveries_dead ON deliveries (id) WHERE state = 'dead';
CREATE INDEX deliveries_sent ON deliveries (address, id) WHERE state = 'sent';
