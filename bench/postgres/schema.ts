/**
 * The schema of a careful team: filterable columns typed and narrow, the rest in one jsonb document, and no index that
 * the questions do not use. Wide columns stand before narrow ones, so that nothing is lost to alignment; pages keep room
 * for the late reports, so that those are updates within the page. Times are epoch microseconds, as everywhere here.
 */
export const SCHEMA = `
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
    from_number text,
    to_number text,
    from_country text,
    to_country text,
    trunk_id text,
    reports bytea NOT NULL,
    doc jsonb,
    PRIMARY KEY (account, uuid)
  ) WITH (fillfactor = 90);
  CREATE INDEX calls_started ON calls (account, started_at DESC, id DESC);
  CREATE INDEX calls_ended ON calls (account, ended_at DESC, id DESC);
  CREATE TABLE raw_reports (call_id bigint NOT NULL, arrived_at bigint NOT NULL, raw text NOT NULL);
  CREATE INDEX raw_reports_call ON raw_reports (call_id);
`
