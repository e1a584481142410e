import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AccountSettings, defaultSettings } from '../src/record/account.ts'
import type { CallRecord } from '../src/record/call-record.ts'
import { formatRfc3339 } from '../src/record/time.ts'
import type { CallStore } from '../src/store/call-store.ts'
import { examineFolder } from '../src/store/sqlite/doctor/doctor.ts'
import type { SqliteCallStore } from '../src/store/sqlite/sqlite-store.ts'
import { aReport, type Body } from './support/a-report.ts'
import { ALICE } from './support/directory-in-folder.ts'
import { placesOf } from './support/folder-texts.ts'
import { Seeded } from './support/seeded.ts'
import { SqliteStoreInFolder } from './support/sqlite-store-in-folder.ts'

const BOB = 'MABOB000000000000000'
const DAY_US = 86_400_000_000
const START_US = Date.UTC(2024, 0, 1) * 1000
const SETTINGS: AccountSettings = { ...defaultSettings('Anybody'), defaultCountry: 'US' }
/** Few calls make a segment, so that they roll, merge and split meanwhile. */
const SIZES = { openCalls: 60, fullCalls: 150, mergeYoung: 3, overallFrom: 3 }

const uuidOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** A report of one of 400 calls of ten days, some of which hold the number, in one field or another. */
function someReport(random: Seeded, { number, nowUs }: { number: string; nowUs: number }) {
  const n = random.integer(0, 399)
  const startedAtUs = START_US + n * 2_160_000_000 + random.integer(0, 3) * 1_000_000
  const digits = number.slice(1)
  const theirs: Body =
    n % 5 > 0
      ? { from: { number: `+1312857${String(n).padStart(4, '0')}` } }
      : (random.oneOf<Body>([
          { from: { number, name: 'Erika' } },
          { to: { number, as_sent: `(${digits.slice(1, 4)}) ${digits.slice(4, 7)}-${digits.slice(7)}` } },
          { user_data: `ani=${digits}`, tags: [digits] },
          { center: { external_numbers: [{ number: digits, transfer: 'blind' }] } },
          { session_id: `${digits}@pbx`, recordings: [{ id: n, url: `https://rec.example/${digits}` }] },
        ]) as Body)
  const hasEnded = random.integer(0, 2) > 0
  const body: Body = {
    call_uuid: uuidOf(n),
    ...theirs,
    started_at: formatRfc3339(startedAtUs),
    answered_at: null,
    ended_at: hasEnded ? formatRfc3339(startedAtUs + random.integer(1, 90) * 1_000_000) : null,
    kind: random.oneOf(['cdr', 'update', 'correction']) as string,
  }
  const accountId = n % 3 === 0 ? BOB : ALICE
  return aReport(body, { account: { id: accountId, settings: SETTINGS, createdAtUs: 0 }, arrivedAtUs: nowUs })
}

async function everyCall(store: CallStore, accountId: string): Promise<CallRecord[]> {
  const calls: CallRecord[] = []
  const order = { by: 'startedAtUs', descending: false } as const
  const where = { op: 'gte', field: 'startedAtUs', value: 0 } as const
  for await (const page of store.scan({ accountId, where, order })) calls.push(...page)
  return calls
}

/** What bills and counters are made of. */
const sums = (calls: readonly CallRecord[]) =>
  calls.map(({ callUuid, startedAtUs, endedAtUs, durationS, cost, direction, callTypes, hangup, from }) => {
    return { callUuid, startedAtUs, endedAtUs, durationS, cost, direction, callTypes, hangup, country: from.country }
  })

/** Everything that the doctor finds wrong, the counts of every bucket included. */
const problems = (folder: string) =>
  [...examineFolder(folder, { full: true })].filter(({ level }) => level === 'problem').map(({ what }) => what)

describe('after any reports, erasures and runs of retention', () => {
  for (const seed of [1, 2])
    it(`nothing is left of what was erased, and counts are exact: seed ${seed}`, async () => {
      const random = new Seeded(seed)
      const at = new SqliteStoreInFolder({ segmentSizes: SIZES, settingsOf: () => SETTINGS })
      try {
        await story(await at.open(), random)
        assert.deepEqual(placesOf(at.folder, '2025551234'), [], 'while it is open')
        assert.deepEqual(problems(at.folder), [])
      } finally {
        await at.remove()
      }
    })

  async function story(store: SqliteCallStore, random: Seeded): Promise<void> {
    let nowUs = START_US + 10 * DAY_US
    const now = () => nowUs
    const erase = (accountId: string) =>
      store.keeping.erase({
        accountId,
        digits: '12025551234',
        byKey: null,
        reason: 'asked',
        now,
        forgetQuarantined: async () => 0,
      })
    const days = { callDays: 8, rawDays: 1, recordingDays: 3 }
    let number = '+12025551234'
    for (let step = 0; step < 40; step += 1) {
      nowUs += random.integer(1, 3600) * 1_000_000
      const reports = Array.from({ length: random.integer(1, 60) }, () => someReport(random, { number, nowUs }))
      await store.append(reports)
      if (step === 15) {
        const before = sums(await everyCall(store, ALICE))
        await erase(ALICE)
        await erase(BOB)
        const after = await everyCall(store, ALICE)
        assert.deepEqual(sums(after), before)
        assert.doesNotMatch(JSON.stringify(after), /5551234|555-1234|Erika/)
      }
      if (step === 25) {
        const meanwhile = Array.from({ length: 200 }, () => someReport(random, { number, nowUs }))
        const arriving = [0, 50, 100, 150].map((at) => store.append(meanwhile.slice(at, at + 50)))
        await Promise.all([erase(ALICE), erase(BOB), ...arriving])
      }
      if (step % 12 === 11) {
        const accounts = [ALICE, BOB].map((accountId) => ({ accountId, days: accountId === ALICE ? days : NEVER }))
        await store.keeping.retain({ accounts, now, dryRun: false, confirmed: step < 12 })
        for (const { endedAtUs, startedAtUs } of await everyCall(store, ALICE))
          assert.ok((endedAtUs ?? startedAtUs) >= nowUs - 8 * DAY_US)
      }
      // New calls may have another number; of the old ones late reports still hold it.
      if (step === 30) number = '+12025559999'
    }
  }
  const NEVER = { callDays: null, rawDays: null, recordingDays: null }
})
