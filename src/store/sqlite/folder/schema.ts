/** Grows with every change of a table; a folder with a newer one is refused. */
export const SCHEMA_VERSION = 3

/** 8 KiB keeps a contact-centre call's row on one page of a clustered table. */
export const PAGE_SIZE = 8192

/**
 * One file of calls: a segment, or `live.db` for those not yet ended. Clustered as lists are read; typed columns first,
 * the rest in one document. Times other than the two that are sorted by are stored as differences, in microseconds.
 * The index on ends carries what Plivo's lists filter by most, and call types, so that counting them touches no row;
 * `END_INDEX_FIELDS` names it. What a call has several of, and what else it is found by, has entries in `member`, which
 * `row-members.ts` tells about: its key is in the order of lists, and its flags are the row's, as far as `MEMBER_FIELDS`
 * goes. `span` bounds the time from start to end of every ended call that was ever in the file, so that a range of ends
 * can be read as a range of starts. `quarters` and `days` count the ended calls of the file, by start and by end: quarters
 * of an hour by direction, by the flags `primary` and `onTrunk` alone, and by currency, with sums, that of
 * amounts in two parts, which `amount-parts.ts` tells about; days of UTC by hangup code
 * and call types too. They change in the transaction that changes a call.
 */
export const CALLS_DDL = `
  CREATE TABLE IF NOT EXISTS calls (
    account INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    id INTEGER NOT NULL,
    ended_at INTEGER,
    seq INTEGER NOT NULL,
    uuid BLOB NOT NULL,
    direction INTEGER NOT NULL,
    leg INTEGER NOT NULL,
    state INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    call_types INTEGER,
    number_id INTEGER,
    ring_group_id INTEGER,
    ivr_id INTEGER,
    disposition_id INTEGER,
    answered_after INTEGER,
    rang_after INTEGER,
    from_number TEXT,
    to_number TEXT,
    from_country TEXT,
    to_country TEXT,
    duration INTEGER,
    bill_s INTEGER,
    billed_s INTEGER,
    amount INTEGER,
    currency INTEGER,
    hangup_code INTEGER,
    hangup_by INTEGER,
    hangup_side INTEGER,
    sip_status INTEGER,
    q850 INTEGER,
    verification INTEGER,
    attestation INTEGER,
    trunk_id TEXT,
    source INTEGER NOT NULL,
    stated INTEGER NOT NULL,
    received_after INTEGER NOT NULL,
    updated_after INTEGER NOT NULL,
    reports BLOB NOT NULL,
    doc BLOB,
    PRIMARY KEY (account, started_at, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS calls_uuid ON calls (uuid);
  CREATE INDEX IF NOT EXISTS calls_id ON calls (id);
  CREATE INDEX IF NOT EXISTS calls_ended ON calls (account, ended_at, id, direction, hangup_code, flags, call_types);
  CREATE INDEX IF NOT EXISTS calls_seq ON calls (account, seq);
  CREATE TABLE IF NOT EXISTS member (
    account INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    ref INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    id INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    PRIMARY KEY (account, kind, ref, started_at, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS span (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    shortest INTEGER NOT NULL,
    longest INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS quarters (
    account INTEGER NOT NULL,
    family INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    currency INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    billed_s INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    amount_high INTEGER NOT NULL,
    PRIMARY KEY (account, family, bucket, direction, flags, currency)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS days (
    account INTEGER NOT NULL,
    family INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    hangup_code INTEGER NOT NULL,
    call_types INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (account, family, bucket, direction, flags, hangup_code, call_types)
  ) STRICT, WITHOUT ROWID;
`

/** Numbers, in a segment that no longer grows: built in bulk, and kept by SQLite from then on. */
export const NUMBER_INDEXES_DDL = `
  CREATE INDEX IF NOT EXISTS calls_from ON calls (account, from_number, started_at, id, flags);
  CREATE INDEX IF NOT EXISTS calls_to ON calls (account, to_number, started_at, id, flags);
`

/** Which time a count is by. */
export const FAMILY = { startedAt: 0, endedAt: 1 } as const
/** Widths of the buckets of `quarters` and of `days`; bucket 0 begins at the epoch. */
export const QUARTER_US = 900_000_000
export const DAY_US = 86_400_000_000
/** What stands in a count's key for a value that a call has not. */
export const NO_VALUE = -1

/** When the last report of a call came, epoch microseconds. */
export const UPDATED_AT = 'started_at + received_after + updated_after'

/** What only `live.db` has: calls by their last report, so that the silent ones are found. */
export const LIVE_DDL = `${CALLS_DDL}
  CREATE INDEX IF NOT EXISTS calls_updated ON calls (${UPDATED_AT});
`

/**
 * `meta.db`: which file holds which range of `started_at` (disjoint, covering all time) and what becomes of it (`LIFE`), the small numbers that stand
 * for account and source names in the rows, the sequences handed out so far, and the calls
 * that were about to move from one segment to another: after a crash they may be in both, and the later change is right.
 */
export const META_DDL = `
  CREATE TABLE IF NOT EXISTS segments (
    no INTEGER PRIMARY KEY,
    from_us INTEGER NOT NULL,
    before_us INTEGER NOT NULL,
    file TEXT NOT NULL UNIQUE,
    life INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS account_refs (ref INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS source_refs (ref INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS account_sources (
    account INTEGER NOT NULL, source INTEGER NOT NULL, PRIMARY KEY (account, source)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sequences (name TEXT PRIMARY KEY, reserved INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS moves (
    account INTEGER NOT NULL, uuid BLOB NOT NULL, PRIMARY KEY (account, uuid)
  ) STRICT, WITHOUT ROWID;
`

/** What a query may ask of ended calls and still be answered from the index on ends alone. */
export const END_INDEX_FIELDS: ReadonlySet<string> = new Set([
  'endedAtUs',
  'id',
  'startedAtUs',
  'direction',
  'hangup.code',
  'callTypes',
  'primary',
  'onTrunk',
  'endInferred',
  'trunk.srtp',
  'trunk.secure',
])

/** What a query may ask of the calls of one agent, contact list or survey and still be answered from `member` alone. */
export const MEMBER_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'startedAtUs',
  'primary',
  'onTrunk',
  'endInferred',
  'trunk.srtp',
  'trunk.secure',
])
