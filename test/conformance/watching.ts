import assert from 'node:assert/strict'
import { aLiveReport, aReport, reportOf } from '../support/a-report.ts'
import { uuidOf } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'

type Told = ReadonlyMap<string, number>

/** Being told of changes. */
export const watching: Check[] = [
  {
    it: 'tells who watches which accounts changed, and the last change of each',
    async run({ store, newAccount }) {
      const [one, two] = [newAccount(), newAccount()]
      const told: Told[] = []
      const end = store.watch((changed) => told.push(changed))
      await store.append([
        aReport({ call_uuid: uuidOf(1) }, { accountId: one }),
        aLiveReport({ call_uuid: uuidOf(2) }, { accountId: two }),
        aReport({ call_uuid: uuidOf(3) }, { accountId: one }),
      ])
      end()
      const last = new Map(told.flatMap((changed) => [...changed]))
      assert.deepEqual([...last.keys()].sort(), [one, two].sort())
      for (const accountId of [one, two]) {
        const { next } = await store.changes({ accountId, after: 0, limit: 10 })
        assert.equal(last.get(accountId), next)
      }
    },
  },
  {
    it: 'tells of a change when a read that begins then sees it, however many there are',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const reads: Promise<[number, number]>[] = []
      const end = store.watch((changed) => {
        const seq = changed.get(accountId)
        if (seq === undefined) return
        const read = store.changes({ accountId, after: seq - 1, limit: 1000 })
        reads.push(read.then(({ next }) => [seq, next]))
      })
      const ended = { kind: 'end', ended_at: '2024-01-15T14:32:00Z' }
      for (let n = 0; n < 30; n += 1)
        await Promise.all([
          store.append([aLiveReport({ call_uuid: uuidOf(n) }, { accountId })]),
          store.append([reportOf({ call_uuid: uuidOf(n), ...ended }, { accountId })]),
        ])
      end()
      assert.ok(reads.length >= 30)
      for (const [told, seen] of await Promise.all(reads)) assert.ok(seen >= told, `told of ${told}, read ${seen}`)
    },
  },
  {
    it: 'tells before the change is acknowledged, so that nobody who waits for it sleeps through it',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      let told = 0
      const end = store.watch((changed) => {
        told = changed.get(accountId) ?? told
      })
      for (let n = 1; n <= 5; n += 1) {
        await store.append([aReport({ call_uuid: uuidOf(n) }, { accountId })])
        const call = await store.find({ accountId, callUuid: uuidOf(n) })
        assert.equal(told, call?.changeSeq)
      }
      end()
    },
  },
  {
    it: 'tells nothing of what was known, and nobody who has stopped watching',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const heard: string[] = []
      const listen = (name: string) => store.watch((changed) => changed.has(accountId) && heard.push(name))
      const [end, endOther] = [listen('one'), listen('other')]
      await store.append([aReport({}, { accountId })])
      await store.append([aReport({}, { accountId })])
      assert.deepEqual(heard, ['one', 'other'])
      end()
      end()
      await store.append([aReport({ tags: ['new'] }, { accountId })])
      assert.deepEqual(heard, ['one', 'other', 'other'])
      endOther()
      await store.append([aReport({ tags: ['newer'] }, { accountId })])
      assert.equal(heard.length, 3)
    },
  },
]
