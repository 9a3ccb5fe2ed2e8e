-- What people said to a channel: once each, by the platform's own name of it. The words stand here
-- until they are answered, the answer until it was sent; then only the name is left, for two days.
CREATE TABLE heard (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel TEXT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  due BIGINT NOT NULL,
  chat TEXT NOT NULL,
  state TEXT NOT NULL,
  said TEXT,
  reply TEXT,
  lease TEXT,
  leased_until BIGINT NOT NULL DEFAULT 0,
  UNIQUE (channel, id)
);
CREATE INDEX heard_open ON heard (channel, due, seq) WHERE state <> 'done';
CREATE INDEX heard_chat ON heard (channel, chat, seq) WHERE state <> 'done';
CREATE INDEX heard_at ON heard (at);

-- The last answer that an address was given: a message of ours that is no news.
ALTER TABLE addresses ADD COLUMN replied TEXT;

CREATE INDEX leavers_address ON leavers (address);
