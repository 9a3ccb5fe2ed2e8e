-- The newest entries of many sources without a look at all of them.
CREATE INDEX entries_recent ON entries (sorted DESC, id DESC, source) WHERE withdrawn IS NULL;
