import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aCall } from '../../../test/support/a-report.ts'
import { uuidOf } from '../../../test/support/varied-calls.ts'
import type { CallRecord } from '../../record/call-record.ts'
import { originalIds } from './original-calls.ts'

const ACCOUNT = 'MA2025RK4E639VJFZAGV'

/** A call that came of the call with this ordinal; null: of none. */
const cameOf = (id: number, original: number | null): CallRecord => ({
  ...aCall({ center: { original_call_uuid: original === null ? null : uuidOf(original), requested_callback: true } }),
  id,
  callUuid: uuidOf(id),
})

/** A store that has every call of an even ordinal, and remembers what it was asked. */
function asked() {
  const lookups: string[] = []
  const find = async ({ accountId, callUuid }: { accountId: string; callUuid: string }) => {
    assert.equal(accountId, ACCOUNT)
    lookups.push(callUuid)
    const ordinal = Number(callUuid.slice(-12))
    return ordinal % 2 === 0 ? cameOf(ordinal, null) : null
  }
  return { lookups, calls: { find } }
}

describe('the ids of original calls', () => {
  it('are looked up once for each call, and not for one that is shown itself', async () => {
    const { lookups, calls } = asked()
    const shown = [cameOf(1001, 2), cameOf(1003, 2), cameOf(1005, 3), cameOf(1007, 1001), cameOf(1009, null)]
    const ids = await originalIds(calls, ACCOUNT, shown)
    assert.deepEqual(lookups, [uuidOf(2), uuidOf(3)])
    assert.deepEqual([ids.get(uuidOf(2)), ids.get(uuidOf(3)), ids.get(uuidOf(1001))], [2, undefined, 1001])
  })

  it('let other work in between when there are many', async () => {
    const { lookups, calls } = asked()
    const shown = Array.from({ length: 1000 }, (_, at) => cameOf(5001 + 2 * at, 2 * at))
    let done = false
    let turns = 0
    const count = () => {
      turns += 1
      if (!done) setImmediate(count)
    }
    setImmediate(count)
    const ids = await originalIds(calls, ACCOUNT, shown)
    done = true
    assert.equal(lookups.length, 1000)
    assert.equal(ids.get(uuidOf(1998)), 1998)
    assert.ok(turns >= 10, `${turns} turns`)
  })
})
