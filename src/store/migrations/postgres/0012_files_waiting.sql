-- The guid of the entry for which a file is still to be asked about.
ALTER TABLE files ADD COLUMN waits TEXT;
CREATE INDEX files_waiting ON files (source) WHERE waits IS NOT NULL;
