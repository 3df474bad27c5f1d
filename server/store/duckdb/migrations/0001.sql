CREATE TABLE meta (
    format INTEGER NOT NULL,
    last_position BIGINT NOT NULL,
    last_batch VARCHAR NOT NULL
);
INSERT INTO meta VALUES (0, 0, '');

CREATE TABLE logs (
    id BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE,
    level VARCHAR,
    message VARCHAR,
    log_type VARCHAR,
    service VARCHAR,
    environment VARCHAR,
    service_version VARCHAR,
    trace_id VARCHAR,
    user_id VARCHAR,
    session_id VARCHAR,
    error_type VARCHAR,
    stack_trace VARCHAR,
    path VARCHAR,
    method VARCHAR,
    action_type VARCHAR,
    function_name VARCHAR,
    file_path VARCHAR,
    duration_ms DOUBLE,
    deleted BOOLEAN NOT NULL DEFAULT false,
    metadata VARCHAR,
    observed_at TIMESTAMP WITH TIME ZONE,
    severity BIGINT,
    logger VARCHAR,
    span_id VARCHAR,
    line_number BIGINT,
    host VARCHAR,
    ip VARCHAR,
    tenant_id VARCHAR,
    tag VARCHAR,
    kind VARCHAR,
    seq UBIGINT,
    source_id VARCHAR
);
