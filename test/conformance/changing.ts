import assert from 'node:assert/strict'
import type { CallRecord } from '../../src/record/call-record.ts'
import type { CallStore } from '../../src/store/call-store.ts'
import { aLiveReport, aReport, reportOf } from '../support/a-report.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'

/** Asks for changes after the last until `isDone` and nothing new comes; every answer in order. */
async function follow(
  store: CallStore,
  { accountId, after = 0, limit = 7 }: { accountId: string; after?: number; limit?: number },
  isDone: () => boolean = () => true,
): Promise<{ seen: CallRecord[]; next: number }> {
  const seen: CallRecord[] = []
  let next = after
  for (;;) {
    const done = isDone()
    const page = await store.changes({ accountId, after: next, limit })
    assert.ok(page.next >= next, `the sequence went back from ${next} to ${page.next}`)
    assert.ok(page.calls.length <= limit)
    for (const call of page.calls) assert.ok(call.changeSeq > next && call.changeSeq <= page.next)
    seen.push(...page.calls)
    next = page.next
    if (done && page.calls.length === 0) return { seen, next }
  }
}

const isGrowing = (seqs: readonly number[]) => seqs.every((seq, at) => at === 0 || seq > (seqs[at - 1] as number))

/** The change sequence. */
export const changing: Check[] = [
  {
    it: 'tells of every call that changed, in order, and of none twice',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      for (let n = 0; n < 20; n += 1) await store.append([aLiveReport({ call_uuid: uuidOf(n) }, { accountId })])
      const { seen, next } = await follow(store, { accountId })
      assert.deepEqual(
        seen.map(({ callUuid }) => callUuid),
        Array.from({ length: 20 }, (_, n) => uuidOf(n)),
      )
      assert.deepEqual((await follow(store, { accountId, after: next })).seen, [])
    },
  },
  {
    it: 'shows a call that changed twice once, as it is now, and again when it changes again',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await store.append([aLiveReport({ call_uuid: uuidOf(1) }, { accountId })])
      await store.append([aLiveReport({ call_uuid: uuidOf(2) }, { accountId })])
      await store.append([aReport({ call_uuid: uuidOf(1), kind: 'end' }, { accountId })])
      const { seen, next } = await follow(store, { accountId })
      assert.deepEqual(
        seen.map(({ callUuid, state }) => [callUuid, state]),
        [
          [uuidOf(2), 'answered'],
          [uuidOf(1), 'ended'],
        ],
      )
      await store.append([reportOf({ call_uuid: uuidOf(2), tags: ['x'] }, { accountId })])
      const again = await follow(store, { accountId, after: next })
      assert.deepEqual(
        again.seen.map(({ callUuid, tags }) => [callUuid, tags]),
        [[uuidOf(2), ['x']]],
      )
    },
  },
  {
    it: 'knows the last change of each account, after which only new ones come',
    async run({ store, newAccount }) {
      const [accountId, other] = [newAccount(), newAccount()]
      assert.equal(await store.lastChange(accountId), 0)
      const livingBefore = await store.liveCalls()
      await store.append([aLiveReport({ call_uuid: uuidOf(1) }, { accountId })])
      await store.append([aLiveReport({ call_uuid: uuidOf(2) }, { accountId })])
      await store.append([aReport({ call_uuid: uuidOf(1), kind: 'end' }, { accountId })])
      await store.append([aReport({ call_uuid: uuidOf(3) }, { accountId: other })])
      const { next } = await follow(store, { accountId })
      assert.equal(await store.lastChange(accountId), next)
      assert.equal(await store.liveCalls(), livingBefore + 1)
    },
  },
  {
    it: 'does not tell of a report that was known',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await store.append([aReport({}, { accountId })])
      const { next } = await follow(store, { accountId })
      await store.append([aReport({}, { accountId })])
      assert.deepEqual((await follow(store, { accountId, after: next })).seen, [])
    },
  },
  {
    it: 'lets nobody miss a change who always asks after the last answer, while others write',
    async run({ store, newAccount }) {
      const [accountId, other] = [newAccount(), newAccount()]
      let writing = 3
      const write = async (writer: number) => {
        for (let round = 0; round < 40; round += 1) {
          const ordinal = (writer * 7 + round * 3) % 25
          const told = { kind: 'update', tags: [`${writer}/${round}`], reported_at: second(round * 3 + writer) }
          const end = { kind: 'end', ended_at: second(400), reported_at: second(400 + round) }
          const body = { call_uuid: uuidOf(ordinal), ...(round % 4 === 3 ? end : told) }
          await store.append([
            reportOf(body, { accountId }),
            reportOf({ call_uuid: uuidOf(writer * 100 + round), tags: ['noise'] }, { accountId: other }),
          ])
        }
        writing -= 1
      }
      const done = () => writing === 0
      const readers = [1, 3, 50].map((limit) => follow(store, { accountId, limit }, done))
      await Promise.all([write(0), write(1), write(2)])
      for (const { seen } of await Promise.all(readers)) {
        assert.ok(isGrowing(seen.map(({ changeSeq }) => changeSeq)))
        const last = new Map(seen.map((call) => [call.callUuid, call]))
        for (const [callUuid, call] of last) assert.deepEqual(call, await store.find({ accountId, callUuid }))
        assert.equal(last.size, 25)
      }
    },
  },
]

const second = (s: number) => new Date(Date.UTC(2024, 0, 15, 12, 0, s)).toISOString()
