import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aCall } from '../../../test/support/a-report.ts'
import { uuidOf } from '../../../test/support/varied-calls.ts'
import type { CallRecord } from '../../record/call-record.ts'
import { originalIds } from './original-calls.ts'

const ACCOUNT = 'MA2025RK4E639VJFZAGV'

const aStored = (ordinal: number): CallRecord => ({ ...aCall(), id: ordinal, callUuid: uuidOf(ordinal) })

/** A store that has every call of an even ordinal, and remembers what it was asked. */
function asked() {
  const lookups: string[] = []
  const find = async ({ accountId, callUuid }: { accountId: string; callUuid: string }) => {
    assert.equal(accountId, ACCOUNT)
    lookups.push(callUuid)
    const ordinal = Number(callUuid.slice(-12))
    return ordinal % 2 === 0 ? aStored(ordinal) : null
  }
  return { lookups, calls: { find } }
}

describe('the ids of original calls', () => {
  it('are looked up once for each call', async () => {
    const { lookups, calls } = asked()
    const ids = await originalIds(calls, ACCOUNT, [2, 2, 3].map(uuidOf))
    assert.deepEqual(lookups, [uuidOf(2), uuidOf(3)])
    assert.deepEqual([...ids], [[uuidOf(2), 2]])
  })

  it('let other work in between when there are many', async () => {
    const { lookups, calls } = asked()
    const uuids = Array.from({ length: 1000 }, (_, at) => uuidOf(2 * at))
    let done = false
    let turns = 0
    const count = () => {
      turns += 1
      if (!done) setImmediate(count)
    }
    setImmediate(count)
    const ids = await originalIds(calls, ACCOUNT, uuids)
    done = true
    assert.equal(lookups.length, 1000)
    assert.equal(ids.get(uuidOf(1998)), 1998)
    assert.ok(turns >= 10, `${turns} turns`)
  })
})
