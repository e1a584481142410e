import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ALICE, DirectoryInFolder } from '../../../../test/support/directory-in-folder.ts'
import type { Directory, Quarantined } from '../../directory.ts'

describe('the quarantine on SQLite', () => {
  let at: DirectoryInFolder
  beforeEach(() => {
    at = new DirectoryInFolder()
  })
  afterEach(() => at.remove())
  let line = 0
  const anEntry = (given: Partial<Quarantined> = {}): Omit<Quarantined, 'id'> => ({
    source: 'fs-london',
    accountId: ALICE,
    arrivedAtUs: at.nowUs,
    origin: `calls.ndjson:${++line}`,
    field: 'started_at',
    reason: 'bad_time',
    raw: '{"start": "yesterday"}',
    ...given,
  })
  const reasons = (query: Parameters<Directory['quarantined']>[0]) =>
    at.directory.quarantined(query).entries.map(({ reason }) => reason)

  it('keeps what arrived exactly, over a restart', () => {
    const raw = "a NUL \u0000, a quote ', a newline\n, ☎ and half a stream"
    at.directory.quarantine([anEntry({ raw, origin: null, field: null })])
    at.reopen()
    const [entry] = at.directory.quarantined({ accountId: ALICE, limit: 10 }).entries
    assert.deepEqual(entry, { id: 1, ...anEntry({ raw, origin: null, field: null }) })
    assert.deepEqual(at.directory.quarantinedById(1), entry)
  })

  it("lists newest first, an account's own or everyone's, and counts them", () => {
    at.directory.quarantine([anEntry({ reason: 'r1' }), anEntry({ reason: 'r2', accountId: null })])
    at.directory.quarantine([anEntry({ reason: 'r3', accountId: 'MA000000000000000000' }), anEntry({ reason: 'r4' })])
    at.reopen()
    assert.deepEqual(reasons({ accountId: ALICE, limit: 10 }), ['r4', 'r1'])
    assert.deepEqual(reasons({ accountId: null, limit: 10 }), ['r4', 'r3', 'r2', 'r1'])
    assert.equal(at.directory.quarantined({ accountId: ALICE, limit: 1 }).total, 2)
    assert.equal(at.directory.quarantined({ accountId: null, limit: 1 }).total, 4)
    assert.equal(at.directory.quarantined({ accountId: 'MA999999999999999999', limit: 1 }).total, 0)
  })

  it('pages by id without gap or repetition', () => {
    at.directory.quarantine(Array.from({ length: 7 }, (_, at) => anEntry({ reason: `r${at}` })))
    const seen: string[] = []
    let beforeId = Number.MAX_SAFE_INTEGER
    for (;;) {
      const { entries } = at.directory.quarantined({ accountId: ALICE, limit: 3, beforeId })
      if (entries.length === 0) break
      seen.push(...entries.map(({ reason }) => reason))
      beforeId = entries.at(-1)?.id ?? 0
    }
    assert.deepEqual(seen, ['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0'])
  })

  it('ends a page early rather than hold a hundred huge records in memory', () => {
    const raw = 'x'.repeat(6 * 1024 * 1024)
    at.directory.quarantine(Array.from({ length: 5 }, () => anEntry({ raw })))
    const { entries, total } = at.directory.quarantined({ accountId: ALICE, limit: 100 })
    assert.deepEqual([entries.length, total], [3, 5])
  })

  it('takes a record of one place once, however often it arrives, and again after it was dropped', () => {
    const entry = anEntry({ origin: null })
    at.directory.quarantine([entry, { ...entry, arrivedAtUs: at.nowUs + 1 }])
    at.directory.quarantine([entry, { ...entry, accountId: null }, { ...entry, origin: 'calls.ndjson:1' }])
    assert.equal(at.directory.quarantined({ accountId: null, limit: 9 }).total, 3)
    at.directory.dropQuarantined([1])
    at.directory.quarantine([entry])
    assert.equal(at.directory.quarantined({ accountId: null, limit: 9 }).total, 3)
  })

  it('drops entries, counts those that were there, and never gives an id again', () => {
    at.directory.quarantine([anEntry(), anEntry({ accountId: null }), anEntry()])
    assert.equal(at.directory.dropQuarantined([2, 3, 3, 99]), 2)
    assert.equal(at.directory.dropQuarantined([]), 0)
    assert.equal(at.directory.quarantinedById(2), null)
    assert.equal(at.directory.quarantined({ accountId: null, limit: 9 }).total, 1)
    at.reopen()
    at.directory.quarantine([anEntry()])
    assert.equal(at.directory.quarantined({ accountId: null, limit: 1 }).entries[0]?.id, 4)
  })

  it('stores a batch whole or not at all', () => {
    const broken = anEntry({ reason: null as unknown as string })
    assert.throws(() => at.directory.quarantine([anEntry(), broken]))
    assert.deepEqual(at.directory.quarantined({ accountId: null, limit: 9 }), { entries: [], total: 0 })
    at.directory.quarantine([anEntry()])
    assert.equal(at.directory.quarantined({ accountId: null, limit: 9 }).total, 1)
  })
})
