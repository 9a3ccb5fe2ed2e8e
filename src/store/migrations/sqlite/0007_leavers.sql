-- Who left a feed by the link in a message; the config may name them still.
CREATE TABLE leavers (
  feed TEXT NOT NULL,
  address TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (feed, address)
) STRICT;
