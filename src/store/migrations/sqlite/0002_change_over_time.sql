-- What a source has learned, and how it is doing beyond its last visit.
ALTER TABLE sources ADD COLUMN moved TEXT;
ALTER TABLE sources ADD COLUMN whole INTEGER;
ALTER TABLE sources ADD COLUMN gap INTEGER;
ALTER TABLE sources ADD COLUMN newest INTEGER;
ALTER TABLE sources ADD COLUMN named INTEGER NOT NULL DEFAULT 0;

-- An entry's own page: when it was last asked, what for the next time, and whether it is gone.
ALTER TABLE entries ADD COLUMN gist TEXT;
ALTER TABLE entries ADD COLUMN etag TEXT;
ALTER TABLE entries ADD COLUMN last_modified TEXT;
ALTER TABLE entries ADD COLUMN visited INTEGER;
ALTER TABLE entries ADD COLUMN again INTEGER;
ALTER TABLE entries ADD COLUMN missing INTEGER;
ALTER TABLE entries ADD COLUMN withdrawn INTEGER;
CREATE INDEX entries_gist ON entries (source, gist);
CREATE INDEX entries_again ON entries (source, again) WHERE again IS NOT NULL;

CREATE TABLE aliases (
  source TEXT NOT NULL,
  name TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES entries (id),
  PRIMARY KEY (source, name)
) STRICT;

CREATE TABLE revisions (
  entry INTEGER NOT NULL REFERENCES entries (id),
  revision INTEGER NOT NULL,
  replaced INTEGER NOT NULL,
  diff TEXT NOT NULL,
  PRIMARY KEY (entry, revision)
) STRICT;

CREATE TABLE recipes (
  source TEXT PRIMARY KEY,
  text TEXT NOT NULL,
  learned INTEGER NOT NULL,
  pages INTEGER NOT NULL
) STRICT;

CREATE TABLE incidents (
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  since INTEGER NOT NULL,
  reported INTEGER,
  earlier TEXT NOT NULL,
  later TEXT NOT NULL,
  PRIMARY KEY (source, kind)
) STRICT;

-- Which version of a feed its files were written from.
CREATE TABLE written (
  feed TEXT PRIMARY KEY,
  stamp TEXT NOT NULL
) STRICT;

CREATE INDEX deliveries_dropped ON deliveries (entry) WHERE state = 'dropped';
