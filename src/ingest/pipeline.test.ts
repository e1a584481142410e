import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aBody, type Body, CALL_UUID } from '../../test/support/a-report.ts'
import { ALICE, DirectoryInFolder } from '../../test/support/directory-in-folder.ts'
import { SqliteStoreInFolder } from '../../test/support/sqlite-store-in-folder.ts'
import type { Account } from '../record/account.ts'
import { callUuidFor } from '../record/identity.ts'
import type { CallStore } from '../store/call-store.ts'
import type { Source } from '../store/directory.ts'
import { type IncomingBody, Pipeline } from './pipeline.ts'
import type { Reading } from './reading.ts'

const incoming = (body: unknown): IncomingBody => ({ body, raw: JSON.stringify(body), place: null })
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

describe('the pipeline', () => {
  let at: DirectoryInFolder
  let stored: SqliteStoreInFolder
  let calls: CallStore
  let alice: Account
  let source: Source
  let pipeline: Pipeline
  beforeEach(async () => {
    at = new DirectoryInFolder()
    stored = new SqliteStoreInFolder()
    calls = await stored.open()
    alice = at.addAccount(ALICE)
    const rules = [{ match: 'accountcode', value: 'alice', accountId: ALICE } as const]
    source = at.directory.putSource({ name: 'pbx', kind: 'asterisk', timeZone: 'UTC', rules })
    pipeline = new Pipeline({ calls, directory: at.directory, now: () => at.nowUs })
  })
  afterEach(async () => {
    await stored.remove()
    at.remove()
  })

  const quarantined = () =>
    at.directory.quarantined({ accountId: null, limit: 100 }).entries.map(({ field, raw }) => [field, raw])

  it('tells what became of each record, in order, and keeps the refused ones', async () => {
    const bad = { call_uuid: 'x' }
    const bodies = [aBody(), bad, aBody(), aBody({ tags: ['new'] })]
    const results = await pipeline.ingest(alice, 'api', bodies.map(incoming))
    assert.deepEqual(results, [
      { outcome: 'stored' },
      { refused: { field: 'call_uuid', reason: 'must be a UUID; other ids go into source_id' } },
      { outcome: 'duplicate' },
      { outcome: 'updated' },
    ])
    assert.deepEqual(quarantined(), [['call_uuid', JSON.stringify(bad)]])
  })

  it('keeps a report that cannot be stored, and stores those it came with', async () => {
    const bodies = Array.from({ length: 9 }, (_, n) =>
      aBody({ call_uuid: uuid(n), to: { number: n === 2 || n === 7 ? 'poison' : '1000' } }),
    )
    const results = await pipeline.ingest(alice, 'api', bodies.map(incoming))
    const refused = { refused: { field: 'record', reason: 'cannot be stored: no figures for poison' } }
    assert.deepEqual(
      results,
      bodies.map((_, n) => (n === 2 || n === 7 ? refused : { outcome: 'stored' })),
    )
    assert.deepEqual(quarantined().length, 2)
    assert.equal((await calls.stats()).calls, 7)
  })

  const read = (call: Body, more: Partial<Extract<Reading, { ok: true }>> = {}) => ({
    reading: { ok: true as const, call, hints: { accountcode: 'alice' }, ...more },
    raw: JSON.stringify(call),
    place: 'Master.csv:7',
  })

  it("stores what a switch's reader made, and keeps what has no account or cannot be read", async () => {
    const results = await pipeline.ingestReadings(source, [
      read(aBody()),
      read(aBody(), { hints: { accountcode: 'nobody' } }),
      { reading: { ok: false, reason: 'bad_time', field: 'start', detail: 'is no time' }, raw: 'r', place: null },
      read(aBody({ direction: 'up' })),
      read(aBody({ call_uuid: uuid(1), to: { number: 'poison' } })),
    ])
    assert.deepEqual(
      results.map((result) => ('refused' in result ? result.refused.field : result.outcome)),
      ['stored', 'account', 'start', 'direction', 'record'],
    )
    assert.equal(quarantined().length, 4)
    assert.equal((await calls.find({ accountId: ALICE, callUuid: CALL_UUID }))?.source, 'pbx')
  })

  it('points a leg to the UUID that its parent has from its own id', async () => {
    const parent = { ...aBody({ call_uuid: null, source_id: '17' }) }
    const leg = { ...aBody({ call_uuid: null, source_id: '17/b', leg: 'b' }) }
    await pipeline.ingestReadings(source, [read(parent), read(leg, { parentSourceId: '17' })])
    const key = { accountId: ALICE, source: 'pbx' }
    const found = await calls.find({ accountId: ALICE, callUuid: callUuidFor({ ...key, sourceId: '17/b' }) })
    assert.equal(found?.parentUuid, callUuidFor({ ...key, sourceId: '17' }))
    assert.notEqual(await calls.find({ accountId: ALICE, callUuid: found?.parentUuid as string }), null)
  })
})
