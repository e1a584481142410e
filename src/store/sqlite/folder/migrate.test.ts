import assert from 'node:assert/strict'
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aLiveReport, aReport, reportOf } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf, variedReports } from '../../../../test/support/varied-calls.ts'
import type { CallStore } from '../../call-store.ts'
import type { Expr } from '../../query.ts'
import { examineFolder } from '../doctor/doctor.ts'
import { AFTER_START, CODED, PLAIN, ROW_COLUMNS, type Row } from '../row/row-columns.ts'
import { writeDocument } from '../row/row-document.ts'
import { rowFacts, rowState } from '../row/row-facts.ts'
import { rowHead, rowSource } from '../row/row-head.ts'
import { folderPaths, namesOf } from './folder.ts'
import type { FileNames } from './migrate.ts'
import type { Migration } from './migration-progress.ts'
import { CALLS_DDL } from './schema.ts'

/** The tables of a file of calls as version 1 made them. */
const VERSION_1 = `
  CREATE TABLE calls (
    account INTEGER NOT NULL, started_at INTEGER NOT NULL, id INTEGER NOT NULL, ended_at INTEGER, seq INTEGER NOT NULL,
    uuid BLOB NOT NULL, direction INTEGER NOT NULL, leg INTEGER NOT NULL, state INTEGER NOT NULL,
    flags INTEGER NOT NULL, answered_after INTEGER, rang_after INTEGER, from_number TEXT, to_number TEXT,
    from_country TEXT, to_country TEXT, duration INTEGER, bill_s INTEGER, billed_s INTEGER, amount INTEGER,
    hangup_code INTEGER, hangup_by INTEGER, hangup_side INTEGER, sip_status INTEGER, q850 INTEGER,
    verification INTEGER, attestation INTEGER, trunk_id TEXT, source INTEGER NOT NULL, call_types INTEGER,
    stated INTEGER NOT NULL, received_after INTEGER NOT NULL, updated_after INTEGER NOT NULL, reports BLOB NOT NULL,
    doc TEXT, PRIMARY KEY (account, started_at, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX calls_uuid ON calls (uuid);
  CREATE INDEX calls_id ON calls (id);
  CREATE INDEX calls_ended ON calls (account, ended_at, id, direction, hangup_code, flags);
  CREATE INDEX calls_seq ON calls (account, seq);
  CREATE TABLE span (
    one INTEGER PRIMARY KEY CHECK (one = 1), shortest INTEGER NOT NULL, longest INTEGER NOT NULL
  ) STRICT;
  PRAGMA user_version = 1;
`

/** What version 2 had more. */
const VERSION_2 = `
  ${VERSION_1.replace('PRAGMA user_version = 1;', '').replace(/CREATE (TABLE span|INDEX calls_ended)[^;]*;/g, '')}
  ALTER TABLE calls ADD COLUMN number_id INTEGER;
  ALTER TABLE calls ADD COLUMN ring_group_id INTEGER;
  ALTER TABLE calls ADD COLUMN ivr_id INTEGER;
  ALTER TABLE calls ADD COLUMN disposition_id INTEGER;
  CREATE INDEX calls_ended ON calls (account, ended_at, id, direction, hangup_code, flags, call_types);
  PRAGMA user_version = 2;
`

/** The bits of `flags` that there were. */
const FLAGS_OF_VERSION_1 = 127
/** The bit of `stated` for call types: version 1 derived none. */
const TYPES_STATED = 1 << 11

const QUERY = { accountId: ALICE, order: { by: 'startedAtUs', descending: true }, limit: 1000, total: true } as const
const CALLS = 80
/** More than are read at once. */
const MANY = 1100

const COLUMNS = ROW_COLUMNS.join(', ')
/** What versions 1 and 2 had columns for. */
const IN_COLUMNS = new Set([
  ...Object.keys(PLAIN),
  ...Object.keys(CODED),
  ...Object.keys(AFTER_START),
  ...['startedAtUs', 'endedAtUs', 'endInferred', 'trunk.srtp', 'trunk.secure', 'center.callTypes', 'source'],
])

/** The columns of a table, but for those that came with version 3. */
function columnsOf(db: DatabaseSync, table: string): string {
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').all(table)
  return columns
    .map(({ name }) => String(name))
    .filter((name) => name !== 'currency')
    .join(', ')
}

/** The documents of the rows as they were before version 3: JSON, with the currency in it. */
function documentsBefore(db: DatabaseSync, names: FileNames): { id: number; doc: string | null }[] {
  const rows = db.prepare(`SELECT ${COLUMNS} FROM calls`)
  rows.setReturnArrays(true)
  return (rows.all() as unknown as Row[]).map((row) => {
    const source = names.sources.nameOf(rowSource(row))
    const doc = writeDocument(rowFacts(row, source), rowState(row, source), (path) => IN_COLUMNS.has(path))
    return { id: rowHead(row).id, doc }
  })
}

for (const version of [1, 2])
  describe(`a folder of version ${version}`, () => {
    let at: SqliteStoreInFolder
    beforeEach(async () => {
      at = new SqliteStoreInFolder()
      const store = await at.open()
      await store.append([
        ...variedReports({ count: CALLS, seed: 11 }),
        reportOf({ source_id: '17', started_at: '2024-01-15T14:28:48Z' }, { source: 'pbx' }),
        aReport({ call_uuid: uuidOf(5000), session_id: 'story', source_id: 'x' }),
        aLiveReport({ call_uuid: uuidOf(5001), session_id: 'story', center: { agents: [{ id: 77 }] } }),
        aReport({ call_uuid: uuidOf(5002), cost: { amount: '1.5', currency: 'EUR' } }),
        aReport({ call_uuid: uuidOf(5003), cost: { amount: '2.5', currency: '€' } }),
      ])
      await store.close()
    })
    afterEach(() => at.remove())

    const files = () => {
      const { live, segments } = folderPaths(at.folder)
      const names = readdirSync(segments).filter((name) => name.endsWith('.db'))
      return [live, ...names.map((name) => join(segments, name))]
    }
    const open = <T>(path: string, work: (db: DatabaseSync) => T): T => {
      const db = new DatabaseSync(path)
      try {
        return work(db)
      } finally {
        db.close()
      }
    }

    /** Puts files of the version with the same calls in place of those that are there. */
    function age(): void {
      const { meta } = folderPaths(at.folder)
      for (const path of files()) {
        const documents = open(meta, (db) => open(path, (calls) => documentsBefore(calls, namesOf(db))))
        const old = `${path}.old`
        open(old, (db) => {
          db.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL')
          if (version === 1) fillVersion1(db, path)
          else fillVersion2(db, path)
          const write = db.prepare('UPDATE calls SET doc = ? WHERE id = ?')
          for (const { id, doc } of documents) write.run(doc, id)
        })
        renameSync(old, path)
      }
      open(meta, (db) =>
        db.exec(`DROP TABLE moves; ALTER TABLE segments DROP COLUMN life; PRAGMA user_version = ${version}`),
      )
    }

    function fillVersion1(db: DatabaseSync, path: string): void {
      db.exec(VERSION_1)
      const names = columnsOf(db, 'calls')
      db.exec(`ATTACH '${path}' AS new; INSERT INTO span SELECT * FROM new.span;
        INSERT INTO calls (${names}) SELECT ${names.replace(/\bdoc\b/, 'NULL')} FROM new.calls;
        UPDATE calls SET flags = flags & ${FLAGS_OF_VERSION_1};
        UPDATE calls SET call_types = NULL WHERE stated & ${TYPES_STATED} = 0`)
    }

    function fillVersion2(db: DatabaseSync, path: string): void {
      db.exec(`${CALLS_DDL} DROP TABLE quarters; DROP TABLE days; DROP TABLE calls`)
      db.exec(`${VERSION_2} ATTACH '${path}' AS new`)
      const names = columnsOf(db, 'calls')
      db.exec(`INSERT INTO span SELECT * FROM new.span; INSERT INTO member SELECT * FROM new.member;
        INSERT INTO calls (${names}) SELECT ${names.replace(/\bdoc\b/, 'NULL')} FROM new.calls`)
    }

    const entries = () =>
      files().map((path) =>
        open(path, (db) =>
          db
            .prepare('SELECT * FROM member')
            .all()
            .map((row) => ({ ...row })),
        ),
      )
    const columns = () =>
      files().map((path) =>
        open(path, (db) => {
          const rows = db
            .prepare('SELECT id, flags, currency, number_id, ring_group_id, ivr_id, disposition_id FROM calls')
            .all()
          return rows.map((row) => ({ ...row }))
        }),
      )
    const quarters = () =>
      files().map((path) =>
        open(path, (db) =>
          db
            .prepare('SELECT * FROM quarters')
            .all()
            .map((row) => ({ ...row })),
        ),
      )
    const everyCall = async (store: CallStore, where: Expr | null = null) =>
      (await store.list({ ...QUERY, where })).calls

    it('is brought up to date when it is opened, and is then as if it had been new', async () => {
      const first = await at.open()
      const many = Array.from({ length: MANY }, (_, n) => aReport({ call_uuid: uuidOf(6000 + n), session_id: 'many' }))
      await first.append(many)
      await first.close()
      const before = { entries: entries(), columns: columns(), quarters: quarters() }
      age()
      const store = await at.open()
      await store.close()
      assert.deepEqual({ entries: entries(), columns: columns(), quarters: quarters() }, before)
      assert.ok(before.entries.flat().length > MANY + CALLS / 2)
      assert.deepEqual(
        [...examineFolder(at.folder, { full: true })].filter(({ level }) => level === 'problem'),
        [],
      )
    })

    it('says how many calls are brought up to date, and when all of them are', async () => {
      age()
      const told: Migration[] = []
      await (await at.open({ onMigration: (migration) => told.push(migration) })).close()
      const all = { files: 2, calls: CALLS + 5 }
      assert.deepEqual(told, [
        { ...all, done: 0 },
        { ...all, done: CALLS + 5 },
      ])
      await at.open({ onMigration: () => assert.fail('it is up to date already') })
    })

    if (version === 2)
      it('has it told in the log of the server that opens it', async () => {
        age()
        const server = await ServerProcess.start(at.folder, [], { CALLTRAIL_LOG_LEVEL: 'info' })
        try {
          const lines = server.said.split('\n').filter((line) => line.includes('written anew'))
          const told = lines.map((line) => JSON.parse(line) as { calls: number; done: number })
          assert.deepEqual(
            told.map(({ calls, done }) => [calls, done]),
            [
              [CALLS + 5, 0],
              [CALLS + 5, CALLS + 5],
            ],
          )
        } finally {
          await server.end('SIGTERM')
        }
      })

    it('finds its calls by session, by the id of their source, and by agent', async () => {
      age()
      const store = await at.open()
      const story = await store.findBySession({ accountId: ALICE, sessionId: 'story' })
      assert.deepEqual(story.map(({ callUuid }) => callUuid).sort(), [uuidOf(5000), uuidOf(5001)])
      assert.equal((await store.findBySourceId({ accountId: ALICE, sourceId: '17' })).length, 1)
      assert.equal((await store.findBySourceId({ accountId: ALICE, sourceId: 'x' }))[0]?.callUuid, uuidOf(5000))
      const spoke = await everyCall(store, { op: 'member', field: 'center.agents.id', value: 77 })
      assert.deepEqual(
        spoke.map(({ callUuid }) => callUuid),
        [uuidOf(5001)],
      )
    })

    if (version === 2)
      it('has the same calls as before', async () => {
        const first = await at.open()
        const before = await everyCall(first)
        await first.close()
        age()
        assert.deepEqual(await everyCall(await at.open()), before)
      })

    if (version === 1)
      it('has no call types but stated ones until they are derived anew', async () => {
        const first = await at.open()
        const before = await everyCall(first)
        await first.close()
        age()
        const store = await at.open()
        const plain = await everyCall(store, { op: 'eq', field: 'callUuid', value: uuidOf(5000) })
        assert.deepEqual(plain[0]?.callTypes, [])
        const callUuids = before.map(({ callUuid }) => callUuid)
        const changed = await store.rederive({ accountId: ALICE, callUuids, paths: ['center.callTypes'] })
        assert.ok(changed > CALLS / 8, `${changed} changed`)
        const unnumbered = (calls: typeof before) => calls.map((call) => ({ ...call, changeSeq: 0 }))
        assert.deepEqual(unnumbered(await everyCall(store)), unnumbered(before))
        assert.equal(await store.rederive({ accountId: ALICE, callUuids, paths: ['center.callTypes'] }), 0)
      })

    if (version === 1)
      it('is left as it was when it cannot be brought up to date, and can be tried again', async () => {
        age()
        const [, segment = ''] = files()
        const readable = open(segment, (db) => {
          const last = 'WHERE doc IS NOT NULL ORDER BY account DESC, started_at DESC, id DESC LIMIT 1'
          const row = db.prepare(`SELECT id, doc FROM calls ${last}`).get() as { id: number; doc: string }
          db.prepare('UPDATE calls SET doc = ? WHERE id = ?').run('{', row.id)
          return row
        })
        await assert.rejects(at.open(), /JSON/)
        open(segment, (db) => {
          assert.equal(db.prepare('PRAGMA user_version').get()?.user_version, 1)
          assert.deepEqual(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'member'").all(), [])
          assert.throws(() => db.prepare('SELECT number_id FROM calls'))
          db.prepare('UPDATE calls SET doc = ? WHERE id = ?').run(readable.doc, readable.id)
        })
        const store = await at.open()
        assert.equal((await store.stats()).calls, CALLS + 5)
      })
  })
