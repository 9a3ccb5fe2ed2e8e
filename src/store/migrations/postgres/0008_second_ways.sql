-- A second way for what the first does not take. "origin" is the address that a diverted delivery
-- was for; the delivery there stays, as 'diverted', so that no entry is ever owed twice.
ALTER TABLE deliveries ADD COLUMN fallback TEXT;
ALTER TABLE deliveries ADD COLUMN origin TEXT;
ALTER TABLE subscriptions ADD COLUMN fallback TEXT;
CREATE INDEX deliveries_fallback ON deliveries (channel, due) WHERE state = 'due' AND fallback IS NOT NULL;
CREATE INDEX deliveries_origin ON deliveries (origin) WHERE origin IS NOT NULL;
CREATE INDEX addresses_refusing ON addresses (channel) WHERE refusals > 0;

-- Messages that left a channel with a monthly budget, by quarters of an hour since 1970.
CREATE TABLE spent (
  channel TEXT NOT NULL,
  quarter BIGINT NOT NULL,
  messages BIGINT NOT NULL,
  PRIMARY KEY (channel, quarter)
);
