-- Until when the platform told an address to wait, where that is long.
ALTER TABLE addresses ADD COLUMN held INTEGER;
CREATE INDEX addresses_held ON addresses (channel, held) WHERE held IS NOT NULL;

-- Given up because nothing names its address any more: the admin did that, and need not be told.
ALTER TABLE deliveries ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;
UPDATE deliveries SET retired = 1 WHERE state = 'dead' AND cause LIKE '%this address is no longer in the config%';
CREATE INDEX deliveries_given_up ON deliveries (channel, settled) WHERE state = 'dead' AND retired = 0;

-- Of what is partly out, by its entry: among very many that wait there may be a few.
CREATE INDEX deliveries_partly ON deliveries (entry) WHERE state = 'due' AND message_ids <> '[]';
