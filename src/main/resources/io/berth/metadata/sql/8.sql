-- Accounts of people and machines, keys, and when all that somebody was given before came to be worth nothing.

-- kind: user, robot. password: an Argon2 hash; robots have keys only. groups: one a line.
CREATE TABLE account (
  login ${text} PRIMARY KEY,
  kind ${text} NOT NULL,
  password ${text},
  groups ${text} NOT NULL,
  administrator INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  expires_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX account_by_kind ON account (kind, login);

-- owner: the name of an identity, which need not have an account here. hash: SHA-256 of the secret. ceiling: what it is good for at most. groups: those
-- of the owner when the key was made.
CREATE TABLE api_key (
  id ${text} PRIMARY KEY,
  owner ${text} NOT NULL,
  hash ${text} NOT NULL UNIQUE,
  description ${text} NOT NULL,
  ceiling ${text},
  groups ${text} NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);
CREATE INDEX api_key_by_owner ON api_key (owner, id);

-- What is not here has the epoch 0. Rows stay when an account goes, so that one of that name does not begin where tokens of the former one are good.
CREATE TABLE identity_epoch (
  identity ${text} PRIMARY KEY,
  epoch BIGINT NOT NULL
);
