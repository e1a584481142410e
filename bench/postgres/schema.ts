/**
 * The schema of a careful team: filterable columns typed and narrow, the rest in one jsonb document, and no index that
 * the questions do not use. Wide columns stand before narrow ones, so that nothing is lost to alignment; pages keep room
 * for the late reports, so that those are updates within the page. Times are epoch microseconds, as everywhere here.
 *
 * The ids that a contact centre's lists are filtered by are columns too; null in a plain call, where they take no room. What a call has several of
 * (agents, contact lists, surveys) is a table of its own rather than arrays with a GIN index: its key is in the order of
 * lists and carries the flags that lists leave calls out by, so that the newest twenty are the first twenty entries and a
 * total is counted in the key alone, where GIN gives every call of that agent, ever, to be fetched, filtered and sorted.
 * Call types are the bits of one integer rather than an array: most types are shared by a tenth or a half of all calls,
 * so that an index by type would lead to every second page of the table. The newest twenty are found among the newest
 * hundreds by start, and the index by start includes the types, the direction and the flags, so that a total by them
 * reads a range of that index and no row (2.3 ms instead of 17 for 22,500 calls, where this was tried).
 */
export const TABLES = `
  CREATE SEQUENCE call_ids INCREMENT 1000;
  CREATE SEQUENCE changes INCREMENT 1000;
  CREATE TABLE accounts (ref integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text NOT NULL UNIQUE);
  CREATE TABLE sources (ref integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text NOT NULL UNIQUE);
  CREATE TABLE calls (
    uuid uuid NOT NULL,
    started_at bigint NOT NULL,
    id bigint NOT NULL,
    seq bigint NOT NULL,
    received_after bigint NOT NULL,
    updated_after bigint NOT NULL,
    ended_at bigint,
    answered_after bigint,
    rang_after bigint,
    amount bigint,
    number_id bigint,
    ring_group_id bigint,
    ivr_id bigint,
    disposition_id bigint,
    account integer NOT NULL,
    source integer NOT NULL,
    stated integer NOT NULL,
    duration integer,
    bill_s integer,
    billed_s integer,
    hangup_code integer,
    call_types integer,
    direction smallint NOT NULL,
    leg smallint NOT NULL,
    state smallint NOT NULL,
    flags smallint NOT NULL,
    hangup_by smallint,
    hangup_side smallint,
    sip_status smallint,
    q850 smallint,
    verification smallint,
    attestation smallint,
    currency smallint,
    from_number text,
    to_number text,
    from_country text,
    to_country text,
    trunk_id text,
    reports bytea NOT NULL,
    doc jsonb
  ) WITH (fillfactor = 90);
  CREATE TABLE call_members (
    ref bigint NOT NULL,
    started_at bigint NOT NULL,
    id bigint NOT NULL,
    account integer NOT NULL,
    kind smallint NOT NULL,
    flags smallint NOT NULL
  );
  CREATE TABLE raw_reports (call_id bigint NOT NULL, arrived_at bigint NOT NULL, raw text NOT NULL);
`

/** Apart from the tables, so that a load in bulk can come before them. */
export const INDEXES = [
  'ALTER TABLE calls ADD PRIMARY KEY (account, uuid)',
  'CREATE INDEX calls_started ON calls (account, started_at DESC, id DESC) INCLUDE (direction, flags, call_types)',
  'CREATE INDEX calls_ended ON calls (account, ended_at DESC, id DESC)',
  'CREATE INDEX calls_live ON calls (account, started_at DESC, id DESC) WHERE ended_at IS NULL',
  `ALTER TABLE call_members ADD PRIMARY KEY (account, kind, ref, started_at, id) INCLUDE (flags)`,
  'CREATE INDEX raw_reports_call ON raw_reports (call_id)',
] as const

/** Takes away what `INDEXES` makes. */
export const WITHOUT_INDEXES = [
  'ALTER TABLE calls DROP CONSTRAINT calls_pkey',
  'ALTER TABLE call_members DROP CONSTRAINT call_members_pkey',
  'DROP INDEX calls_started, calls_ended, calls_live, raw_reports_call',
] as const
