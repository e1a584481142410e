import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { derive } from '../../src/ingest/derive.ts'
import { type CallState, fold } from '../../src/record/merge.ts'
import type { Report } from '../../src/record/report.ts'
import { encodeRow } from '../../src/store/sqlite/row/encode-row.ts'
import type { Plan } from '../rig/plan.ts'
import { plannedReports, settingsOf } from '../rig/planned-reports.ts'
import type { Stretch } from '../rig/side.ts'
import { MEMBER_COLUMNS } from './center.ts'
import type { Reach } from './cluster.ts'
import { copyLine } from './copy-text.ts'
import { Names } from './names.ts'
import { Numbers } from './numbers.ts'
import { WRITTEN_COLUMNS, writtenOf } from './rows.ts'

/**
 * Fills PostgreSQL with the calls of a plan: each call folded with its late report, and copied in transactions of some
 * ten thousand, the next one being made while one is copied.
 */
const {
  reach,
  plan,
  stretch,
  raw: withRaw,
} = JSON.parse(process.argv[2] ?? '') as { reach: Reach; plan: Plan; stretch: Stretch; raw: boolean }

const CALLS_A_COPY = 10_000

interface Copy {
  calls: string[]
  members: string[]
  raw: string[]
}

const pool = new pg.Pool({ ...reach, max: 1 })
const client = new pg.Client(reach)
await client.connect()
const accounts = new Names(pool, 'accounts')
const sources = new Names(pool, 'sources')
await Promise.all([accounts.load(), sources.load()])
const ids = new Numbers('call_ids')
const changes = new Numbers('changes')

let copying = Promise.resolve()
let copy: Copy = { calls: [], members: [], raw: [] }
for (const calls of plannedReports(plan, stretch)) {
  const reports = calls.flat()
  await accounts.ensure(reports.map(({ accountId }) => accountId))
  await sources.ensure(reports.map(({ source }) => source))
  if (copy.calls.length + calls.length > CALLS_A_COPY) {
    await copying
    copying = copied(copy)
    copy = { calls: [], members: [], raw: [] }
  }
  await ids.reserve(pool, calls.length)
  await changes.reserve(pool, calls.length)
  for (const call of calls) add(call, copy)
}
await copying
await copied(copy)
await client.end()
await pool.end()

/** Adds a call of these reports to what is copied next. */
function add(reports: readonly Report[], { calls, members, raw }: Copy): void {
  const [{ accountId, callUuid }] = reports as [Report]
  const state = reports.reduce<CallState | null>(fold, null) as CallState
  const derived = derive(state.facts, settingsOf(accountId))
  const account = accounts.refOf(accountId) as number
  const source = sources.refOf(state.facts.source as string) as number
  const head = { account, source, id: ids.take(), seq: changes.take(), callUuid }
  const written = writtenOf(encodeRow({ head, state, raw: new Map() }, derived), { state, derived })
  calls.push(copyLine(written.columns))
  for (const member of written.members) members.push(copyLine(member))
  if (withRaw) for (const report of reports) raw.push(copyLine([head.id, report.arrivedAtUs, report.raw]))
}

async function copied({ calls, members, raw }: Copy): Promise<void> {
  await client.query('BEGIN')
  await copyInto(`calls (${WRITTEN_COLUMNS.join(', ')})`, calls)
  await copyInto(`call_members (${MEMBER_COLUMNS.join(', ')})`, members)
  await copyInto('raw_reports', raw)
  await client.query('COMMIT')
}

async function copyInto(table: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return
  const stream = client.query(copyFrom(`COPY ${table} FROM STDIN`))
  await new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve)
    stream.once('error', reject)
    stream.end(lines.join(''))
  })
}
