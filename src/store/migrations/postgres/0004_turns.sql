-- When something can be done for an address, so that a claim looks at addresses and not at all that
-- is owed: NULL where nothing is owed. 0 is urgent, 1 the news, 2 one entry for very many.
ALTER TABLE addresses ADD COLUMN at BIGINT;
ALTER TABLE addresses ADD COLUMN rank BIGINT NOT NULL DEFAULT 1;
ALTER TABLE deliveries ADD COLUMN rank BIGINT NOT NULL DEFAULT 1;

DROP INDEX deliveries_due;
CREATE INDEX deliveries_next ON deliveries (address, due) WHERE state = 'due';
-- What a dead process left under way; SQLite takes no index over several states for one of them.
CREATE INDEX deliveries_sending ON deliveries (channel, leased_until) WHERE state = 'sending';
CREATE INDEX deliveries_rank ON deliveries (address, rank, id) WHERE state = 'due';

UPDATE addresses SET at = CASE WHEN leased_until > 0 THEN leased_until ELSE
  (SELECT CASE WHEN MIN(d.due) > addresses.ready THEN MIN(d.due) WHEN MIN(d.due) IS NOT NULL THEN addresses.ready END
   FROM deliveries d WHERE d.address = addresses.address AND d.state IN ('due', 'doubt')) END;

CREATE INDEX addresses_at ON addresses (channel, at) WHERE at IS NOT NULL;
CREATE INDEX addresses_turn ON addresses (channel, rank, at, address) WHERE at IS NOT NULL;
