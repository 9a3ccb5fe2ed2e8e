CREATE TABLE sources (
  slug TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  active BIGINT NOT NULL,
  due BIGINT NOT NULL,
  lease TEXT,
  leased_until BIGINT NOT NULL DEFAULT 0,
  first_read BIGINT,
  last_ok BIGINT,
  failures BIGINT NOT NULL DEFAULT 0,
  cause TEXT,
  problems TEXT NOT NULL DEFAULT '[]',
  etag TEXT,
  last_modified TEXT,
  version BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sources_due ON sources (active, due);

CREATE TABLE entries (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
  revision BIGINT NOT NULL DEFAULT 1,
  seen BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  sorted BIGINT NOT NULL,
  UNIQUE (source, guid)
);
CREATE INDEX entries_newest ON entries (source, sorted DESC, id DESC);
CREATE UNIQUE INDEX entries_slug ON entries (source, slug);

CREATE TABLE welcomed (
  feed TEXT NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (feed, address)
);

CREATE TABLE addresses (
  address TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  ready BIGINT NOT NULL DEFAULT 0,
  lease TEXT,
  leased_until BIGINT NOT NULL DEFAULT 0,
  refusals BIGINT NOT NULL DEFAULT 0,
  cause TEXT
);

CREATE TABLE moves (
  former TEXT PRIMARY KEY,
  present TEXT NOT NULL
);

CREATE TABLE deliveries (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry BIGINT NOT NULL REFERENCES entries (id),
  address TEXT NOT NULL,
  channel TEXT NOT NULL,
  feed TEXT NOT NULL,
  digest BIGINT NOT NULL,
  silent BIGINT NOT NULL,
  owed_since BIGINT NOT NULL,
  due BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempt BIGINT NOT NULL DEFAULT 0,
  doubts BIGINT NOT NULL DEFAULT 0,
  lease TEXT,
  leased_until BIGINT NOT NULL DEFAULT 0,
  message_ids TEXT NOT NULL DEFAULT '[]',
  cause TEXT,
  settled BIGINT,
  UNIQUE (entry, address)
);
CREATE INDEX deliveries_due ON deliveries (channel, due, id) WHERE state = 'due';
CREATE INDEX deliveries_head ON deliveries (address, id) WHERE state = 'due';
CREATE INDEX deliveries_open ON deliveries (channel, state, due) WHERE state IN ('sending', 'doubt');
CREATE INDEX deliveries_doubt ON deliveries (address) WHERE state = 'doubt';
CREATE INDEX deliveries_dead ON deliveries (id) WHERE state = 'dead';
CREATE INDEX deliveries_sent ON deliveries (address, id) WHERE state = 'sent';
