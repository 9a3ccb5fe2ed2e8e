-- More than so many entries of one feed that are due at once for one address become one list; 0: never.
ALTER TABLE deliveries ADD COLUMN burst BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN burst BIGINT NOT NULL DEFAULT 5;
