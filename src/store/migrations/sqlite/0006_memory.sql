-- What channels remember: tokens, and how far a message of several steps has come.
CREATE TABLE memory (
    key TEXT PRIMARY KEY,
    value TEXT,
    put BIGINT NOT NULL,
    holder TEXT,
    leased_until BIGINT
);
