-- What Deno makes of an empty file, at version 3 of its tables.
CREATE TABLE migration_state(k integer not null primary key, version integer not null);
CREATE TABLE data_version (k integer primary key, version integer not null, seq integer not null default 0);
CREATE TABLE kv (k blob primary key, v blob not null, v_encoding integer not null, version integer not null, seq integer not null default 0, expiration_ms integer not null default -1) without rowid;
CREATE TABLE queue (ts integer not null, id text not null, data blob not null, backoff_schedule text not null, keys_if_undelivered blob not null, primary key (ts, id));
CREATE TABLE queue_running (deadline integer not null, id text not null, data blob not null, backoff_schedule text not null, keys_if_undelivered blob not null, primary key (deadline, id));
CREATE INDEX kv_expiration_ms_idx on kv (expiration_ms);
INSERT INTO migration_state VALUES (0, 3);
INSERT INTO data_version (k, version) VALUES (0, 0);
