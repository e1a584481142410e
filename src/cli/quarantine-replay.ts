import { parseMasterLines } from '../ingest/asterisk/parse-master-lines.ts'
import { readMasterChain } from '../ingest/asterisk/read-master-csv.ts'
import { readJsonCdrText } from '../ingest/freeswitch/read-json-cdr.ts'
import { type IngestResult, Pipeline, type Refused } from '../ingest/pipeline.ts'
import type { Reading } from '../ingest/reading.ts'
import type { Quarantined, Source } from '../store/directory.ts'
import type { Calltrail } from './open.ts'

export type Replayed = { stored: true } | ({ stored: false } & Refused)

/**
 * Reads a record of the quarantine again, by its source's kind and rules as they are now. The entry itself is left
 * where it is, and a second refusal makes no second entry.
 */
export async function replayEntry(calltrail: Calltrail, entry: Quarantined): Promise<Replayed> {
  const { calls, directory, now } = calltrail
  const pipeline = new Pipeline({ calls, directory: { ...directory, quarantine() {} }, now })
  const results = await ingestAgain(pipeline, calltrail, entry)
  const refused = results.find((result) => 'refused' in result)
  if (results.length === 0) return { stored: false, field: 'record', reason: 'holds no call' }
  return refused === undefined ? { stored: true } : { stored: false, ...refused.refused }
}

async function ingestAgain(
  pipeline: Pipeline,
  { directory }: Calltrail,
  { source: name, accountId, raw, origin: place }: Quarantined,
): Promise<IngestResult[]> {
  const source = directory.source(name)
  const account = accountId === null ? null : directory.account(accountId)
  if (source === null || source.kind === 'native') {
    const fixed = source?.rules.find(({ match }) => match === 'fixed')?.accountId ?? null
    const owner = account ?? (fixed === null ? null : directory.account(fixed))
    if (owner === null) return [refusal('source', `there is no source ${name} that names an account`)]
    return pipeline.ingest(owner, name, [{ raw, place, ...bodyOf(raw) }])
  }
  const readings = readAgain(source, raw)
  if (readings === null) return [refusal('source', `records of the kind ${source.kind} cannot be replayed yet`)]
  return pipeline.ingestReadings(
    source,
    readings.map((reading) => ({ raw, place, reading })),
  )
}

function bodyOf(raw: string): { body: unknown; problem?: string } {
  try {
    return { body: JSON.parse(raw) }
  } catch {
    return { body: null, problem: 'is not JSON' }
  }
}

function readAgain({ kind, timeZone }: Source, raw: string): Reading[] | null {
  if (kind === 'freeswitch') return [readJsonCdrText(raw)]
  if (kind !== 'asterisk') return null
  const rows = parseMasterLines(raw.replace(/\r?\n$/, '').split(/\r?\n/))
  if (rows.includes(null)) return [{ ok: false, reason: 'unreadable', field: null, detail: 'is not CSV' }]
  return readMasterChain(rows as string[][], { timeZone }).map(({ reading }) => reading)
}

function refusal(field: string, reason: string): IngestResult {
  return { refused: { field, reason } }
}
