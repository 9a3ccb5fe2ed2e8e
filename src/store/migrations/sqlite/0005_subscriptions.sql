-- Subscriptions that people made themselves; those of the config are not here.
CREATE TABLE subscriptions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feed TEXT NOT NULL,
  address TEXT NOT NULL,
  welcome INTEGER NOT NULL,
  schedule TEXT,
  digest INTEGER NOT NULL,
  quiet TEXT,
  filter TEXT NOT NULL,
  silent INTEGER NOT NULL,
  since INTEGER NOT NULL,
  UNIQUE (feed, address)
) STRICT;
CREATE INDEX subscriptions_feed ON subscriptions (feed, id);
CREATE INDEX subscriptions_address ON subscriptions (address);

-- An entry on its way to all of them: those up to "after" have it in their outbox.
CREATE TABLE fan_outs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  entry INTEGER NOT NULL REFERENCES entries (id),
  feed TEXT NOT NULL,
  after INTEGER NOT NULL DEFAULT 0,
  until INTEGER NOT NULL,
  turns INTEGER NOT NULL DEFAULT 0,
  since INTEGER NOT NULL,
  UNIQUE (entry, feed)
) STRICT;
CREATE INDEX fan_outs_feed ON fan_outs (feed, id);
