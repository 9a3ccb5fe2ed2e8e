-- Where an entry stands among all others, by its date and its number; NULL until it can be found.
ALTER TABLE entries ADD COLUMN place BIGINT;
CREATE UNIQUE INDEX entries_place ON entries (place);
CREATE INDEX entries_unplaced ON entries (sorted) WHERE place IS NULL;

-- Folded words of entries; the row number is the place, so that the newest are found first.
CREATE TABLE searches (
  rowid BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX searches_words ON searches USING GIN (words);
