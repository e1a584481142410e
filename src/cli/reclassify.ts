import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { serviceLevel } from '../center/service-level.ts'
import { countTypes, noChanges, type TypeChanges, typesBy } from '../center/type-changes.ts'
import type { Account, DerivingSettings } from '../record/account.ts'
import { CALL_TYPES, type CallRecord } from '../record/call-record.ts'
import { formatRfc3339, readTime } from '../record/time.ts'
import { type CallStore, StoreBusyError } from '../store/call-store.ts'
import { type CallQuery, isPrimary } from '../store/query.ts'
import { chosenAccount } from './chosen-account.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { type At, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { grouped, table } from './table.ts'

interface ReclassifyOptions extends CommonOptions {
  account?: string
  since?: string
  dryRun?: boolean
}

const HELP = `
Calls that ended before a setting was changed keep the call types of the settings in force then. This classifies them as
if the present settings had been in force: first look, then do it.
  calltrail account set MA… service_level_s=30
  calltrail reclassify --since 2026-01-01 --dry-run
  calltrail reclassify --since 2026-01-01
Call types that a source stated stay. docs/contact-centre.md says what the types are.`

/** `calltrail reclassify`: the call types of history, by the settings of today. */
export function addReclassify(program: Command, host: Host): void {
  addCommand(program, 'reclassify', 'classify calls of the past by the present settings')
    .option('--account <id>', 'whose calls (default: the only account’s)')
    .option('--since <time>', 'only calls that ended then or later: RFC 3339, or local to the account (default: all)')
    .option('--dry-run', 'show what would change, and change nothing')
    .addHelpText('after', HELP)
    .action((options: ReclassifyOptions) => host.onFolder(options, {}, (at) => reclassify(at, options)))
}

async function reclassify(at: At, { account: id, since, dryRun = false }: ReclassifyOptions): Promise<number> {
  const account = chosenAccount(at, id)
  const sinceUs = readSince(since, account.settings.timeZone)
  const settings = at.directory.derivingSettings(account.id) as DerivingSettings
  // From here on, what comes late is classified so too; what an interruption leaves, the next run finds.
  if (!dryRun) at.directory.applyCenterSettingsSince({ accountId: account.id, sinceUs })
  const found = await classifyAll(at, { account, settings, sinceUs, dryRun })
  at.console.progress(null)
  const serviceLevels = {
    formula: settings.serviceLevelFormula,
    before: serviceLevel(found.changes.serviceLevel.before, settings.serviceLevelFormula),
    after: serviceLevel(found.changes.serviceLevel.after, settings.serviceLevelFormula),
  }
  await answer(at, {
    json: {
      account_id: account.id,
      since: since === undefined ? null : formatRfc3339(sinceUs),
      dry_run: dryRun,
      calls: found.calls,
      changed: found.changed,
      call_types: found.changes.types,
      service_level: serviceLevels,
    },
    text: shown({ ...found, dryRun }, serviceLevels),
  })
  return EXIT.done
}

function readSince(text: string | undefined, zone: string): number {
  if (text === undefined) return 0
  const timeUs = readTime(text, zone)
  if (timeUs === null) throw wrongUsage(`--since ${text}: must be a time such as 2026-01-31T00:00:00Z or 2026-01-31`)
  return timeUs
}

interface Found {
  /** Every leg; the changes count each conversation once. */
  calls: number
  changed: number
  changes: TypeChanges
}

async function classifyAll(
  { calltrail: { calls }, console }: At,
  given: { account: Account; settings: DerivingSettings; sinceUs: number; dryRun: boolean },
): Promise<Found> {
  const { account, settings, dryRun } = given
  const query: Omit<CallQuery, 'limit' | 'total'> = {
    accountId: account.id,
    where: { op: 'gte', field: 'endedAtUs', value: given.sinceUs },
    order: { by: 'endedAtUs', descending: false },
  }
  const { total } = await calls.list({ ...query, limit: 1, total: true })
  const found: Found = { calls: 0, changed: 0, changes: noChanges() }
  const rederiver = new Rederiver({ calls, accountId: account.id, signal: console.signal })
  for await (const page of calls.scan(query)) {
    console.signal.throwIfAborted()
    for (const call of page) {
      if (isPrimary(call)) countTypes(found.changes, call, settings)
      if (!differs(call, settings)) continue
      if (dryRun) found.changed += 1
      else await rederiver.add(call.callUuid)
    }
    found.calls += page.length
    console.progress({ done: found.calls, total: total ?? 0, note: `${grouped(found.calls)} calls` })
  }
  await rederiver.finish()
  return { ...found, changed: found.changed + rederiver.changed }
}

function differs(call: CallRecord, settings: DerivingSettings): boolean {
  return typesBy(call, settings).join() !== call.callTypes.join()
}

const BATCH = 500
const BUSY_WAIT_MS = 250

/** Has the store derive the types of calls anew, some hundred at a time. */
class Rederiver {
  changed = 0
  readonly #calls: CallStore
  readonly #accountId: string
  readonly #signal: AbortSignal
  #waiting: string[] = []

  constructor({ calls, accountId, signal }: { calls: CallStore; accountId: string; signal: AbortSignal }) {
    this.#calls = calls
    this.#accountId = accountId
    this.#signal = signal
  }

  async add(callUuid: string): Promise<void> {
    if (this.#waiting.push(callUuid) >= BATCH) await this.finish()
  }

  async finish(): Promise<void> {
    const callUuids = this.#waiting
    this.#waiting = []
    while (callUuids.length > 0)
      try {
        this.changed += await this.#calls.rederive({
          accountId: this.#accountId,
          callUuids,
          paths: ['center.callTypes'],
        })
        return
      } catch (error) {
        if (!(error instanceof StoreBusyError)) throw error
        await delay(BUSY_WAIT_MS, undefined, { signal: this.#signal })
      }
  }
}

function shown(
  { calls, changed, changes, dryRun }: Found & { dryRun: boolean },
  levels: { formula: string; before: number | null; after: number | null },
): string {
  const rows = CALL_TYPES.map((type) => ({ type, ...changes.types[type] }))
    .filter(({ before, after }) => before + after > 0)
    .map(({ type, before, after }) => [type, before, after, after - before])
  const done = dryRun ? 'would change' : 'changed'
  return [
    rows.length === 0 ? '' : `${table(['CALL TYPE', 'BEFORE', 'AFTER', 'CHANGE'], rows)}\n`,
    `service level (${levels.formula}): ${percent(levels.before)} before, ${percent(levels.after)} after\n`,
    `${grouped(calls)} calls, ${grouped(changed)} ${done}\n`,
  ].join('')
}

function percent(share: number | null): string {
  return share === null ? 'none' : `${(share * 100).toFixed(1)} %`
}
