-- Where an entry stands among all others, by its date and its number; NULL until it can be found.
ALTER TABLE entries ADD COLUMN place INTEGER;
CREATE UNIQUE INDEX entries_place ON entries (place);
CREATE INDEX entries_unplaced ON entries (sorted) WHERE place IS NULL;

-- Folded words of entries; the row number is the place, so that the newest are found first.
CREATE VIRTUAL TABLE searches USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0');
