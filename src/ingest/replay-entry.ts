import type { CallStore } from '../store/call-store.ts'
import type { Directory, Quarantined, Source } from '../store/directory.ts'
import { parseMasterLines } from './asterisk/parse-master-lines.ts'
import { readMasterChain } from './asterisk/read-master-csv.ts'
import { readJsonCdrText } from './freeswitch/read-json-cdr.ts'
import { ingestInTurns } from './ingest-in-turns.ts'
import { type Incoming, type IncomingReading, type IngestResult, Pipeline, type Refused } from './pipeline.ts'
import { readEveryEvent } from './portsip/events-of-body.ts'
import type { Reading } from './reading.ts'

export type Replayed = { stored: true } | ({ stored: false } & Refused)

/** What a replay works on; `now` is epoch microseconds. */
export interface ReplayParts {
  calls: CallStore
  directory: Directory
  now: () => number
}

/**
 * Reads a record of the quarantine again, by its source's kind and rules as they are now. The entry itself is left
 * where it is, and a second refusal makes no second entry. It arrived when it did: what was reported since still holds.
 */
export async function replayEntry({ calls, directory, now }: ReplayParts, entry: Quarantined): Promise<Replayed> {
  const pipeline = new Pipeline({
    calls,
    directory: { ...directory, quarantine: (entries) => entries.map(() => true) },
    now,
  })
  const results = await ingestAgain(pipeline, directory, entry)
  const refused = results.find((result) => 'refused' in result)
  if (results.length === 0) return { stored: false, field: 'record', reason: 'holds no call' }
  return refused === undefined ? { stored: true } : { stored: false, ...refused.refused }
}

async function ingestAgain(
  pipeline: Pipeline,
  directory: Directory,
  { source: name, accountId, raw, origin: place, arrivedAtUs }: Quarantined,
): Promise<IngestResult[]> {
  const source = directory.source(name)
  const account = accountId === null ? null : directory.account(accountId)
  if (source === null || source.kind === 'native') {
    const fixed = source?.rules.find(({ match }) => match === 'fixed')?.accountId ?? null
    const owner = account ?? (fixed === null ? null : directory.account(fixed))
    if (owner === null) return [refusal('source', `there is no source ${name} that names an account`)]
    return pipeline.ingest(owner, name, [{ raw, place, arrivedAtUs, ...bodyOf(raw) }])
  }
  return ingestInTurns(pipeline, source, readAgain(source, { raw, place, arrivedAtUs }))
}

function bodyOf(raw: string): { body: unknown; problem?: string } {
  try {
    return { body: JSON.parse(raw) }
  } catch {
    return { body: null, problem: 'is not JSON' }
  }
}

/** What came later is not undone by a record that arrived before it: it keeps the time of its arrival. */
function* readAgain(source: Source, record: Required<Omit<Incoming, 'ordinal'>>): Iterable<IncomingReading> {
  const { raw, place: peer } = record
  // A webhook's place is the address that it came from.
  if (source.kind === 'portsip')
    for (const event of readEveryEvent(raw, source, { peer })) yield { ...record, ...event }
  else {
    const readings = source.kind === 'freeswitch' ? [readJsonCdrText(raw)] : readRows(source, raw)
    for (const reading of readings) yield { ...record, reading }
  }
}

function readRows({ timeZone }: Source, raw: string): Reading[] {
  const rows = parseMasterLines(raw.replace(/\r?\n$/, '').split(/\r?\n/))
  if (rows.includes(null)) return [{ ok: false, reason: 'unreadable', field: null, detail: 'is not CSV' }]
  return readMasterChain(rows as string[][], { timeZone }).map(({ reading }) => reading)
}

function refusal(field: string, reason: string): IngestResult {
  return { refused: { field, reason } }
}
