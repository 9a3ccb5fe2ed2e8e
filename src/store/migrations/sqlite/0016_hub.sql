-- Subscribers of feeds (WebSub). "sent" marks the bytes that they have, "due" is when they are to be
-- sent others: NULL where they have the newest; while one is under way it is the end of its lease.
-- "lost" is since when their topic is none of ours.
CREATE TABLE subscribers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  callback TEXT NOT NULL,
  host TEXT NOT NULL,
  secret TEXT,
  until INTEGER NOT NULL,
  sent TEXT NOT NULL,
  due INTEGER,
  attempt INTEGER NOT NULL DEFAULT 0,
  lease TEXT,
  lost INTEGER,
  UNIQUE (topic, callback)
) STRICT;
CREATE INDEX subscribers_due ON subscribers (due) WHERE due IS NOT NULL;
CREATE INDEX subscribers_busy ON subscribers (host) WHERE lease IS NOT NULL;
CREATE INDEX subscribers_host ON subscribers (host);
CREATE INDEX subscribers_until ON subscribers (until);

-- What subscribers asked for and have not confirmed yet, and what they are to be told.
CREATE TABLE hub_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  callback TEXT NOT NULL,
  host TEXT NOT NULL,
  mode TEXT NOT NULL,
  lease_seconds INTEGER NOT NULL,
  secret TEXT,
  sent TEXT NOT NULL,
  due INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  lease TEXT,
  UNIQUE (topic, callback)
) STRICT;
CREATE INDEX hub_requests_due ON hub_requests (due);
CREATE INDEX hub_requests_host ON hub_requests (host);

-- When a host may be asked again whether it asked for this.
CREATE TABLE hub_hosts (
  host TEXT PRIMARY KEY,
  ready INTEGER NOT NULL
) STRICT;

-- The bytes that topics stand at, and the version of the entries they were made of.
CREATE TABLE topics (
  topic TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  etag TEXT NOT NULL
) STRICT;

-- Topics that another hub is to be told of.
CREATE TABLE announcements (
  topic TEXT PRIMARY KEY,
  due INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  lease TEXT
) STRICT;
CREATE INDEX announcements_due ON announcements (due);
