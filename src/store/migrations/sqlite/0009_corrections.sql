-- Which revision the messages of a delivery show, and the entry that an entry corrects.
ALTER TABLE deliveries ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN corrects INTEGER;

-- Entries that changed after they were sent: the last revision that people were told of, whether
-- it was withdrawn then, and how far the change has come; nothing is to be done where "due" is NULL.
CREATE TABLE amendments (
  entry INTEGER PRIMARY KEY REFERENCES entries (id),
  since INTEGER NOT NULL,
  gone INTEGER NOT NULL,
  due INTEGER,
  after TEXT NOT NULL DEFAULT '',
  passed INTEGER NOT NULL DEFAULT 0,
  begun INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX amendments_due ON amendments (due) WHERE due IS NOT NULL;

-- Deliveries whose messages are to be changed. While one is under way "due" is the end of its lease.
CREATE TABLE amends (
  delivery INTEGER PRIMARY KEY REFERENCES deliveries (id),
  channel TEXT NOT NULL,
  revision INTEGER NOT NULL,
  due INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  lease TEXT
) STRICT;
CREATE INDEX amends_due ON amends (channel, due);
