import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aLiveBody, type Body, CALL_UUID, us } from '../../test/support/a-report.ts'
import { ALICE, DirectoryInFolder } from '../../test/support/directory-in-folder.ts'
import { SqliteStoreInFolder } from '../../test/support/sqlite-store-in-folder.ts'
import type { CallRecord } from '../record/call-record.ts'
import type { CallStore } from '../store/call-store.ts'
import type { Quarantined, SourceGiven } from '../store/directory.ts'
import { Pipeline } from './pipeline.ts'
import { replayEntry } from './replay-entry.ts'

const ARRIVED_AT_US = us('2025-01-02T14:00:00Z')
const HOUR_US = 3_600_000_000

describe('a replayed record', () => {
  let at: DirectoryInFolder
  let stored: SqliteStoreInFolder
  let calls: CallStore
  let nowUs: number
  beforeEach(async () => {
    at = new DirectoryInFolder()
    stored = new SqliteStoreInFolder()
    calls = await stored.open()
    at.addAccount(ALICE)
    nowUs = ARRIVED_AT_US
  })
  afterEach(async () => {
    await stored.remove()
    at.remove()
  })

  const parts = () => ({ calls, directory: at.directory, now: () => nowUs })
  const putSource = (given: Pick<SourceGiven, 'name' | 'kind'>) =>
    at.directory.putSource({ timeZone: 'UTC', rules: [{ match: 'fixed', value: null, accountId: ALICE }], ...given })
  /** As it stands in the quarantine since `ARRIVED_AT_US`. */
  function entryOf(source: string, raw: string): Quarantined {
    const entry = { source, accountId: ALICE, arrivedAtUs: ARRIVED_AT_US, origin: null, field: 'x', reason: 'was', raw }
    at.directory.quarantine([entry])
    return at.directory.quarantined({ accountId: null, limit: 1 }).entries[0] as Quarantined
  }
  const anyCall = async (): Promise<CallRecord> => {
    const order = { by: 'startedAtUs', descending: false } as const
    const { calls: found } = await calls.list({ accountId: ALICE, where: null, order, limit: 1, total: false })
    return found[0] as CallRecord
  }

  it('does not beat what was reported after it', async () => {
    const update = (code: string): Body => ({ call_uuid: CALL_UUID, kind: 'update', tags: [code] })
    const account = at.directory.account(ALICE) as NonNullable<ReturnType<typeof at.directory.account>>
    const incoming = (body: Body) => [{ body, raw: JSON.stringify(body), place: null }]
    await new Pipeline(parts()).ingest(account, 'api', incoming(aLiveBody({ tags: ['first'] })))
    const entry = entryOf('api', JSON.stringify({ ...update('old'), bogus: 1 }))
    nowUs += HOUR_US
    await new Pipeline(parts()).ingest(account, 'api', incoming(update('new')))
    nowUs += HOUR_US
    const replayed = await replayEntry(parts(), { ...entry, raw: JSON.stringify(update('old')) })
    assert.deepEqual(replayed, { stored: true })
    assert.deepEqual((await anyCall()).tags, ['new'])
  })

  const cdr = {
    native: JSON.stringify({ call_uuid: CALL_UUID, started_at: '2025-01-02T13:00:00Z', kind: 'start' }),
    freeswitch: JSON.stringify({
      variables: { uuid: CALL_UUID, direction: 'inbound', start_epoch: '1735822800', end_epoch: '1735822860' },
    }),
    portsip: JSON.stringify({ event_type: 'call_start', session_id: '7', caller: '1', time: '1735822800' }),
    asterisk:
      '"","100","200","default","""A"" <100>","PJSIP/a-1","PJSIP/b-1","Dial","x","2025-01-02 13:00:00",' +
      '"2025-01-02 13:00:05","2025-01-02 13:01:00",60,55,"ANSWERED","DOCUMENTATION","1735822800.1",""',
  }
  for (const [kind, raw] of Object.entries(cdr))
    it(`of the kind ${kind} arrived when it did, not when it was replayed`, async () => {
      putSource({ name: 'switch', kind: kind as keyof typeof cdr })
      const entry = entryOf('switch', raw)
      nowUs += 30 * 24 * HOUR_US
      assert.deepEqual(await replayEntry(parts(), entry), { stored: true })
      const { receivedAtUs, updatedAtUs } = await anyCall()
      assert.deepEqual([receivedAtUs, updatedAtUs], [ARRIVED_AT_US, ARRIVED_AT_US])
    })

  it('may tell of a time that was in the future when it arrived', async () => {
    const started = { call_uuid: CALL_UUID, kind: 'start', started_at: '2025-01-05T14:00:00Z' }
    const entry = entryOf('api', JSON.stringify(started))
    const refused = await replayEntry(parts(), entry)
    assert.equal(!refused.stored && refused.field, 'started_at')
    nowUs += 72 * HOUR_US
    assert.deepEqual(await replayEntry(parts(), entry), { stored: true })
  })
})
