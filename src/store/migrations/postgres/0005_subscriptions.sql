-- Subscriptions that people made themselves; those of the config are not here.
CREATE TABLE subscriptions (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  feed TEXT NOT NULL,
  address TEXT NOT NULL,
  welcome BIGINT NOT NULL,
  schedule TEXT,
  digest BIGINT NOT NULL,
  quiet TEXT,
  filter TEXT NOT NULL,
  silent BIGINT NOT NULL,
  since BIGINT NOT NULL,
  UNIQUE (feed, address)
);
CREATE INDEX subscriptions_feed ON subscriptions (feed, id);
CREATE INDEX subscriptions_address ON subscriptions (address);

-- An entry on its way to all of them: those up to "after" have it in their outbox.
CREATE TABLE fan_outs (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry BIGINT NOT NULL REFERENCES entries (id),
  feed TEXT NOT NULL,
  after BIGINT NOT NULL DEFAULT 0,
  until BIGINT NOT NULL,
  turns BIGINT NOT NULL DEFAULT 0,
  since BIGINT NOT NULL,
  UNIQUE (entry, feed)
);
CREATE INDEX fan_outs_feed ON fan_outs (feed, id);
