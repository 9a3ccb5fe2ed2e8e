-- What each feed is known by to readers: its first address, for life.
CREATE TABLE feed_ids (
  feed TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL
) STRICT;
