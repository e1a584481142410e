import assert from 'node:assert/strict'
import type { ChangesPage } from '../../src/store/call-store.ts'
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
    it: 'tells of a change when a read that begins then sees it, so that who reads then misses none',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const reads: Promise<ChangesPage>[] = []
      let after = 0
      const end = store.watch((changed) => {
        const seq = changed.get(accountId)
        if (seq === undefined) return
        reads.push(store.changes({ accountId, after, limit: 1000 }))
        after = seq - 1
      })
      const ended = { kind: 'end', ended_at: '2024-01-15T14:32:00Z' }
      const callUuids = Array.from({ length: 30 }, (_, n) => uuidOf(n))
      for (const call_uuid of callUuids)
        await Promise.all([
          store.append([aLiveReport({ call_uuid }, { accountId })]),
          store.append([reportOf({ call_uuid, ...ended }, { accountId })]),
        ])
      end()
      const seen = (await Promise.all(reads)).flatMap(({ calls }) => calls.map(({ changeSeq }) => changeSeq))
      for (const callUuid of callUuids) {
        const call = await store.find({ accountId, callUuid })
        assert.ok(seen.includes(call?.changeSeq as number), `nobody read the last change of ${callUuid}`)
      }
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
