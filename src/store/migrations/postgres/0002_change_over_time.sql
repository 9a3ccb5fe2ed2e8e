-- What a source has learned, and how it is doing beyond its last visit.
ALTER TABLE sources ADD COLUMN moved TEXT;
ALTER TABLE sources ADD COLUMN whole BIGINT;
ALTER TABLE sources ADD COLUMN gap BIGINT;
ALTER TABLE sources ADD COLUMN newest BIGINT;
ALTER TABLE sources ADD COLUMN named BIGINT NOT NULL DEFAULT 0;

-- An entry's own page: when it was last asked, what for the next time, and whether it is gone.
ALTER TABLE entries ADD COLUMN gist TEXT;
ALTER TABLE entries ADD COLUMN etag TEXT;
ALTER TABLE entries ADD COLUMN last_modified TEXT;
ALTER TABLE entries ADD COLUMN visited BIGINT;
ALTER TABLE entries ADD COLUMN again BIGINT;
ALTER TABLE entries ADD COLUMN missing BIGINT;
ALTER TABLE entries ADD COLUMN withdrawn BIGINT;
CREATE INDEX entries_gist ON entries (source, gist);
CREATE INDEX entries_again ON entries (source, again) WHERE again IS NOT NULL;

CREATE TABLE aliases (
  source TEXT NOT NULL,
  name TEXT NOT NULL,
  entry BIGINT NOT NULL REFERENCES entries (id),
  PRIMARY KEY (source, name)
);

CREATE TABLE revisions (
  entry BIGINT NOT NULL REFERENCES entries (id),
  revision BIGINT NOT NULL,
  replaced BIGINT NOT NULL,
  diff TEXT NOT NULL,
  PRIMARY KEY (entry, revision)
);

CREATE TABLE recipes (
  source TEXT PRIMARY KEY,
  text TEXT NOT NULL,
  learned BIGINT NOT NULL,
  pages BIGINT NOT NULL
);

CREATE TABLE incidents (
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  since BIGINT NOT NULL,
  reported BIGINT,
  earlier TEXT NOT NULL,
  later TEXT NOT NULL,
  PRIMARY KEY (source, kind)
);

-- Which version of a feed its files were written from.
CREATE TABLE written (
  feed TEXT PRIMARY KEY,
  stamp TEXT NOT NULL
);

CREATE INDEX deliveries_dropped ON deliveries (entry) WHERE state = 'dropped';
