-- address: where a client without credentials came from who began the upload; empty for users.
ALTER TABLE upload ADD COLUMN address ${text} NOT NULL DEFAULT '';

-- One row. seen_at: when the registry looked at the clock last; 0: never.
CREATE TABLE clock (seen_at BIGINT NOT NULL);
INSERT INTO clock (seen_at) VALUES (0);
