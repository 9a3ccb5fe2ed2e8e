-- What waited for somebody who chose other topics meanwhile; it comes back where they change their mind in time.
ALTER TABLE deliveries ADD COLUMN unwanted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_unwanted ON deliveries (address) WHERE unwanted = 1;
