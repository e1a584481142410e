import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Facts } from '../../src/record/facts.ts'
import { type CallState, fold } from '../../src/record/merge.ts'
import type { Report } from '../../src/record/report.ts'
import type { Derive, Outcome, SettingsOf } from '../../src/store/call-store.ts'
import { encodeRow, ROW_COLUMNS, type RowHead, rowHead, rowSource, rowState } from '../../src/store/sqlite/row.ts'
import { copyLine } from './copy-text.ts'
import type { Names } from './names.ts'
import { Numbers } from './numbers.ts'
import { COLUMNS, columnsOf, rowOf } from './rows.ts'

interface Touched {
  accountId: string
  head: RowHead
  state: CallState
  stored: boolean
}

const keyOf = ({ accountId, callUuid }: { accountId: string; callUuid: string }) => `${accountId} ${callUuid}`

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
  async append(reports: readonly Report[]): Promise<Outcome[]> {
    await this.#accounts.ensure(reports.map(({ accountId }) => accountId))
    await this.#sources.ensure(reports.map(({ source }) => source))
    const client = this.#client
    await client.query('BEGIN')
    try {
      const touched = await this.#load(reports)
      await this.#ids.reserve(client, reports.length)
      await this.#changes.reserve(client, reports.length)
      const raw: string[] = []
      const changed = new Set<Touched>()
      const outcomes = reports.map((report) => this.#foldIn(report, { touched, changed, raw }))
      const lines = { fresh: '', known: '' }
      for (const call of changed) lines[call.stored ? 'known' : 'fresh'] += this.#line(call)
      await this.#copy(`COPY calls (${COLUMNS}) FROM STDIN`, lines.fresh)
      await this.#replace(lines.known)
      await this.#copy('COPY raw_reports FROM STDIN', raw.join(''))
      await client.query('COMMIT')
      return outcomes
    } catch (error) {
      await client.query('ROLLBACK')
      throw error
    }
  }

  async #load(reports: readonly Report[]): Promise<Map<string, Touched>> {
    const accounts = reports.map(({ accountId }) => this.#accounts.refOf(accountId))
    const uuids = reports.map(({ callUuid }) => callUuid)
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
      touched.set(keyOf({ accountId, callUuid: head.callUuid }), { accountId, head, state, stored: true })
    }
    return touched
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
      stored: false,
    }
    call.state = state
    touched.set(keyOf(report), call)
    changed.add(call)
    raw.push(copyLine([call.head.id, report.arrivedAtUs, report.raw]))
    return known === null ? 'stored' : 'updated'
  }

  #line(call: Touched): string {
    const { head, state, accountId } = call
    const derived: Facts = this.#derive(state.facts, this.#settingsOf(accountId))
    head.source = this.#sources.refOf(state.facts.source as string) as number
    head.seq = this.#changes.take()
    return copyLine(columnsOf(encodeRow({ head, state, raw: new Map() }, derived)))
  }

  async #replace(lines: string): Promise<void> {
    if (lines === '') return
    await this.#copy(`COPY changed (${COLUMNS}) FROM STDIN`, lines)
    await this.#client.query({ name: 'replace', text: REPLACE })
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

const REPLACE = `INSERT INTO calls (${COLUMNS}) SELECT ${COLUMNS} FROM changed
  ON CONFLICT (account, uuid) DO UPDATE SET
  ${ROW_COLUMNS.filter((name) => name !== 'account' && name !== 'uuid')
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`
