-- Where each archive of a feed ends, by the number of its last entry; "sources" tells what the feed was made of.
CREATE TABLE archives (
  feed TEXT NOT NULL,
  number BIGINT NOT NULL,
  last BIGINT NOT NULL,
  sources TEXT NOT NULL,
  PRIMARY KEY (feed, number)
);
CREATE INDEX entries_kept ON entries (source, id);
CREATE INDEX entries_withdrawn ON entries (source, withdrawn) WHERE withdrawn IS NOT NULL;
