-- For how long in each minute, in milliseconds, a channel rested because its platform asked it to.
CREATE TABLE rests (
  channel TEXT NOT NULL,
  minute INTEGER NOT NULL,
  rested INTEGER NOT NULL,
  PRIMARY KEY (channel, minute)
) STRICT;
