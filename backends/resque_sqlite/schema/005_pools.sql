-- Managers of pools: what each says of itself, and what it is told.

CREATE TABLE pools (
    namespace   TEXT NOT NULL,
    id          TEXT NOT NULL,
    about       TEXT NOT NULL,
    lease_until REAL NOT NULL,
    told        INTEGER NOT NULL DEFAULT 0,  -- the number of the last command
    PRIMARY KEY (namespace, id)
) WITHOUT ROWID;

CREATE TABLE pool_commands (
    namespace TEXT NOT NULL,
    pool      TEXT NOT NULL,
    number    INTEGER NOT NULL,
    text      TEXT NOT NULL,
    PRIMARY KEY (namespace, pool, number)
) WITHOUT ROWID;

CREATE TRIGGER pool_forgotten AFTER DELETE ON pools
BEGIN
    DELETE FROM pool_commands WHERE namespace = OLD.namespace AND pool = OLD.id;
END;

