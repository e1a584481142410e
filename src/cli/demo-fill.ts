import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { demoCenterCalls } from '../ingest/demo/center-calls.ts'
import { type DemoPrices, demoCalls } from '../ingest/demo/demo-calls.ts'
import { loadConversations } from '../ingest/demo/load-conversations.ts'
import { demoPbxEvents, PBX_SERVICES } from '../ingest/demo/pbx-events.ts'
import type { IngestResult } from '../ingest/pipeline.ts'
import { readPortsipEvent } from '../ingest/portsip/read-event.ts'
import { type Account, defaultSettings } from '../record/account.ts'
import type { DemoIdentity } from './demo-identity.ts'
import type { Calltrail } from './open.ts'
import { grouped } from './table.ts'
import type { Terminal } from './terminal.ts'

const RECORDS = fileURLToPath(new URL('../../demo/records', import.meta.url))
const PRICES = new URL('../../demo/prices.json', import.meta.url)
const SEED = 1
const BATCH = 500

/** Stores the demo's calls; what is there already stays as it is. */
export async function fillDemo(
  calltrail: Calltrail,
  identity: DemoIdentity,
  terminal: Terminal,
): Promise<{ calls: number; stored: number }> {
  const { pipeline, directory, now } = calltrail
  const settings = { ...defaultSettings('Demo'), defaultCountry: 'US' }
  const account = directory.updateSettings(identity.account, settings)
  const conversations = await loadConversations(RECORDS)
  const prices = JSON.parse(readFileSync(PRICES, 'utf8')) as DemoPrices
  const span = { nowUs: now(), seed: SEED }
  const bodies = [...demoCalls({ conversations, prices, ...span }), ...demoCenterCalls(span)]
  let stored = 0
  for (let at = 0; at < bodies.length && !terminal.signal.aborted; at += BATCH) {
    const batch = bodies.slice(at, at + BATCH)
    const records = batch.map((body) => ({ body, raw: JSON.stringify(body), place: 'demo' }))
    stored += countStored(await pipeline.ingest(account, 'demo', records))
    const done = at + batch.length
    terminal.progress({ done, total: bodies.length, note: `${grouped(done)} of ${grouped(bodies.length)} demo calls` })
  }
  const fromPbx = await fillFromPbx(calltrail, account)
  terminal.progress(null)
  return { calls: bodies.length + fromPbx.calls, stored: stored + fromPbx.stored }
}

/** What a PBX sent to its webhook goes the way it would have gone then: through the source's reader and its rules. */
async function fillFromPbx(
  { pipeline, directory, now }: Calltrail,
  account: Account,
): Promise<{ calls: number; stored: number }> {
  const source = directory.putSource({
    name: 'demo-pbx',
    kind: 'portsip',
    timeZone: 'UTC',
    rules: [{ match: 'fixed', value: null, accountId: account.id }],
    services: PBX_SERVICES,
  })
  const records = [...demoPbxEvents({ nowUs: now(), seed: SEED })].flatMap((event) => {
    const raw = JSON.stringify(event)
    return readPortsipEvent(event, source).map((reading) => ({ raw, place: 'demo', reading }))
  })
  let stored = 0
  for (let at = 0; at < records.length; at += BATCH)
    stored += countStored(await pipeline.ingestReadings(source, records.slice(at, at + BATCH)))
  const ids = new Set(records.map(({ reading }) => (reading.ok ? (reading.identity ?? '') : '')))
  return { calls: ids.size, stored }
}

/** None of the demo's own calls is ever refused: that would be our mistake. */
function countStored(results: readonly IngestResult[]): number {
  let stored = 0
  for (const result of results) {
    if ('refused' in result)
      throw new Error(`a demo call was refused: ${result.refused.field}: ${result.refused.reason}`)
    if (result.outcome === 'stored') stored += 1
  }
  return stored
}
