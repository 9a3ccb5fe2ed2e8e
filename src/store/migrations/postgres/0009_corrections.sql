-- Which revision the messages of a delivery show, and the entry that an entry corrects.
ALTER TABLE deliveries ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN corrects BIGINT;

-- Entries that changed after they were sent: the last revision that people were told of, whether
-- it was withdrawn then, and how far the change has come; nothing is to be done where "due" is NULL.
CREATE TABLE amendments (
  entry BIGINT PRIMARY KEY REFERENCES entries (id),
  since BIGINT NOT NULL,
  gone BIGINT NOT NULL,
  due BIGINT,
  after TEXT NOT NULL DEFAULT '',
  passed BIGINT NOT NULL DEFAULT 0,
  begun BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX amendments_due ON amendments (due) WHERE due IS NOT NULL;

-- Deliveries whose messages are to be changed. While one is under way "due" is the end of its lease.
CREATE TABLE amends (
  delivery BIGINT PRIMARY KEY REFERENCES deliveries (id),
  channel TEXT NOT NULL,
  revision BIGINT NOT NULL,
  due BIGINT NOT NULL,
  attempt BIGINT NOT NULL DEFAULT 0,
  lease TEXT
);
CREATE INDEX amends_due ON amends (channel, due);
