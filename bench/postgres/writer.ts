import { isDeepStrictEqual } from 'node:util'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Facts } from '../../src/record/facts.ts'
import { type CallState, fold } from '../../src/record/merge.ts'
import type { Report } from '../../src/record/report.ts'
import type { Derive, Outcome, SettingsOf } from '../../src/store/call-store.ts'
import { encodeRow } from '../../src/store/sqlite/row/encode-row.ts'
import type { Row } from '../../src/store/sqlite/row/row-columns.ts'
import { rowFacts, rowState } from '../../src/store/sqlite/row/row-facts.ts'
import { type RowHead, rowHead, rowSource } from '../../src/store/sqlite/row/row-head.ts'
import { MEMBER_COLUMNS, type Member } from './center.ts'
import { copyLine } from './copy-text.ts'
import type { Names } from './names.ts'
import { Numbers } from './numbers.ts'
import { COLUMNS, rowOf, WRITTEN_COLUMNS, writtenMembers, writtenOf } from './rows.ts'
import type { Done, Task } from './writer-thread.ts'

interface Touched {
  accountId: string
  head: RowHead
  state: CallState
  /** The row as the table has it; null for a call that it does not have yet. */
  stored: Row | null
}

type Key = Pick<Report, 'accountId' | 'callUuid'>
const keyOf = ({ accountId, callUuid }: Key) => `${accountId} ${callUuid}`

/**
 * Writes groups of reports, each in one transaction, on a connection of its own, and is the only one who does: that
 * keeps the change sequence in the order of commits, and needs no locks. New calls are copied straight into the table,
 * which was the fastest of the ways tried; changed ones go through a temporary table into `ON CONFLICT DO UPDATE`.
 */
export class Writer {
  readonly #client: Client
  readonly #accounts: Names
  readonly #sources: Names
  readonly #derive: Derive
  readonly #settingsOf: SettingsOf
  readonly #ids = new Numbers('call_ids')
  readonly #changes = new Numbers('changes')

  constructor(given: { client: Client; accounts: Names; sources: Names; derive: Derive; settingsOf: SettingsOf }) {
    this.#client = given.client
    this.#accounts = given.accounts
    this.#sources = given.sources
    this.#derive = given.derive
    this.#settingsOf = given.settingsOf
  }

  async prepare(): Promise<void> {
    // Few keys against a big table: never worth reading the table, whatever the planner guesses of the key list.
    await this.#client.query('SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off')
    await this.#client.query('CREATE TEMP TABLE changed (LIKE calls INCLUDING DEFAULTS) ON COMMIT DELETE ROWS')
  }

  /** Stores the reports and returns once they are durable; nothing of them is stored when it throws. */
  async append(reports: readonly Report[]): Promise<Done> {
    await this.#accounts.ensure(reports.map(({ accountId }) => accountId))
    await this.#sources.ensure(reports.map(({ source }) => source))
    return this.#transaction(async () => {
      const touched = await this.#load(reports)
      await this.#ids.reserve(this.#client, reports.length)
      await this.#changes.reserve(this.#client, reports.length)
      const raw: string[] = []
      const changed = new Set<Touched>()
      const outcomes = reports.map((report) => this.#foldIn(report, { touched, changed, raw }))
      const derived = (call: Touched) => this.#derive(call.state.facts, this.#settingsOf(call.accountId))
      const last = await this.#write([...changed].map((call) => ({ call, derived: derived(call) })))
      await this.#copy('COPY raw_reports FROM STDIN', raw.join(''))
      return { outcomes, changedCalls: changed.size, changed: last }
    })
  }

  /** Derives the paths of the calls anew. Those that change by it are written, durably. */
  async rederive(given: Pick<Extract<Task, { kind: 'rederive' }>, 'accountId' | 'callUuids' | 'paths'>): Promise<Done> {
    const { accountId, callUuids, paths } = given
    return this.#transaction(async () => {
      const touched = await this.#load(callUuids.map((callUuid) => ({ accountId, callUuid })))
      await this.#changes.reserve(this.#client, touched.size)
      const changed: { call: Touched; derived: Facts }[] = []
      const place = new Map(callUuids.map((callUuid, at) => [callUuid, at]))
      const inOrder = [...touched.values()].sort(
        (a, b) => (place.get(a.head.callUuid) ?? 0) - (place.get(b.head.callUuid) ?? 0),
      )
      for (const call of inOrder) {
        const was = this.#derivedOf(call)
        const derived = { ...was }
        const anew = this.#derive(call.state.facts, this.#settingsOf(accountId))
        for (const path of paths) {
          delete derived[path]
          if (anew[path] !== undefined) derived[path] = anew[path]
        }
        if (!isDeepStrictEqual(derived, was)) changed.push({ call, derived })
      }
      return { outcomes: [], changedCalls: changed.length, changed: await this.#write(changed) }
    })
  }

  async #transaction(work: () => Promise<Done>): Promise<Done> {
    await this.#client.query('BEGIN')
    try {
      const done = await work()
      await this.#client.query('COMMIT')
      return done
    } catch (error) {
      await this.#client.query('ROLLBACK')
      throw error
    }
  }

  async #load(keys: readonly Key[]): Promise<Map<string, Touched>> {
    const accounts = keys.map(({ accountId }) => this.#accounts.refOf(accountId))
    const uuids = keys.map(({ callUuid }) => callUuid)
    const { rows } = await this.#client.query<unknown[]>({
      name: 'load',
      text: `SELECT ${COLUMNS} FROM calls JOIN
        (SELECT DISTINCT * FROM unnest($1::integer[], $2::uuid[]) AS asked (account, uuid)) AS asked
        USING (account, uuid)`,
      values: [accounts, uuids],
      rowMode: 'array',
    } as never)
    const touched = new Map<string, Touched>()
    for (const columns of rows) {
      const row = rowOf(columns)
      const head = { ...rowHead(row), source: rowSource(row) }
      const accountId = this.#accounts.nameOf(head.account)
      const state = rowState(row, this.#sources.nameOf(head.source))
      touched.set(keyOf({ accountId, callUuid: head.callUuid }), { accountId, head, state, stored: row })
    }
    return touched
  }

  /** Facts of a stored call, stated and derived. */
  #factsOf(row: Row): Facts {
    return rowFacts(row, this.#sources.nameOf(rowSource(row)))
  }

  #derivedOf({ stored, state }: Touched): Facts {
    const facts = stored === null ? [] : Object.entries(this.#factsOf(stored))
    return Object.fromEntries(facts.filter(([path]) => state.facts[path] === undefined))
  }

  #foldIn(
    report: Report,
    { touched, changed, raw }: { touched: Map<string, Touched>; changed: Set<Touched>; raw: string[] },
  ): Outcome {
    const { accountId, callUuid } = report
    const known = touched.get(keyOf(report)) ?? null
    const state = fold(known?.state ?? null, report)
    if (known?.state === state) return 'duplicate'
    const call = known ?? {
      accountId,
      head: { account: this.#accounts.refOf(accountId) as number, source: 0, id: this.#ids.take(), seq: 0, callUuid },
      state,
      stored: null,
    }
    call.state = state
    touched.set(keyOf(report), call)
    changed.add(call)
    raw.push(copyLine([call.head.id, report.arrivedAtUs, report.raw]))
    return known === null ? 'stored' : 'updated'
  }

  /** Writes the calls and returns the last change of each account. */
  async #write(changed: readonly { call: Touched; derived: Facts }[]): Promise<Map<string, number>> {
    const last = new Map<string, number>()
    const lines = { fresh: '', known: '', members: '' }
    const gone: Member[] = []
    for (const { call, derived } of changed) {
      const { head, state, stored } = call
      head.source = this.#sources.refOf(state.facts.source as string) as number
      head.seq = this.#changes.take()
      last.set(call.accountId, head.seq)
      const row = encodeRow({ head, state, raw: new Map() }, derived)
      const { columns, members } = writtenOf(row, { state, derived })
      lines[stored === null ? 'fresh' : 'known'] += copyLine(columns)
      const were = stored === null ? [] : writtenMembers(stored, this.#factsOf(stored))
      if (isDeepStrictEqual(were, members)) continue
      gone.push(...were)
      for (const member of members) lines.members += copyLine(member)
    }
    await this.#copy(`COPY calls (${WRITTEN_COLUMNS.join(', ')}) FROM STDIN`, lines.fresh)
    await this.#replace(lines.known)
    await this.#remove(gone)
    await this.#copy(`COPY call_members (${MEMBER_COLUMNS.join(', ')}) FROM STDIN`, lines.members)
    return last
  }

  async #replace(lines: string): Promise<void> {
    if (lines === '') return
    await this.#copy(`COPY changed (${WRITTEN_COLUMNS.join(', ')}) FROM STDIN`, lines)
    await this.#client.query({ name: 'replace', text: REPLACE })
  }

  async #remove(members: readonly Member[]): Promise<void> {
    if (members.length === 0) return
    const values = MEMBER_KEY.map((_, at) => members.map((member) => member[at]))
    await this.#client.query({ name: 'remove members', text: REMOVE_MEMBERS, values })
  }

  async #copy(statement: string, lines: string): Promise<void> {
    if (lines === '') return
    const stream = this.#client.query(copyFrom(statement))
    await new Promise<void>((resolve, reject) => {
      stream.once('finish', resolve)
      stream.once('error', reject)
      stream.end(lines)
    })
  }
}

const REPLACE = `INSERT INTO calls (${WRITTEN_COLUMNS.join(', ')}) SELECT ${WRITTEN_COLUMNS.join(', ')} FROM changed
  ON CONFLICT (account, uuid) DO UPDATE SET
  ${WRITTEN_COLUMNS.filter((name) => name !== 'account' && name !== 'uuid')
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`

const MEMBER_KEY = MEMBER_COLUMNS.slice(0, 5)
const REMOVE_MEMBERS = `DELETE FROM call_members USING
  unnest($1::integer[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS gone (${MEMBER_KEY.join(', ')})
  WHERE ${MEMBER_KEY.map((name) => `call_members.${name} = gone.${name}`).join(' AND ')}`
