-- By which keys tokens can be verified: the public halves of those that each node signs with.

-- id: the thumbprint of RFC 7638.
CREATE TABLE token_key (
  id ${text} NOT NULL PRIMARY KEY,
  jwk ${text} NOT NULL,
  expires_at BIGINT NOT NULL
);
