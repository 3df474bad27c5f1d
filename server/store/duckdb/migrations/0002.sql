CREATE TABLE stored_ranges (
    source VARCHAR NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL
);

CREATE TABLE stored_keys (
    number BIGINT NOT NULL,
    key VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    records BIGINT NOT NULL
);
