import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FairQueue } from './fair-queue.ts'

const any = () => true

/** Works on everything for `ms` each, and tells in which order. */
function order(queue: FairQueue<string>, ms: (item: string) => number, most = 1000): string[] {
  const served: string[] = []
  for (let turn = queue.next(any); turn !== null && served.length < most; turn = queue.next(any)) {
    served.push(turn.item)
    queue.spend(turn.account, ms(turn.item))
    queue.remove(turn.account, turn.item)
  }
  return served
}

describe('a fair queue', () => {
  it('gives out the items of one account in the order they came', () => {
    const queue = new FairQueue<string>()
    for (const item of ['1', '2', '3']) queue.push('alice', item)
    assert.equal(queue.size, 3)
    assert.deepEqual(
      order(queue, () => 5),
      ['1', '2', '3'],
    )
    assert.equal(queue.size, 0)
  })

  it('takes turns between accounts whose items take as long', () => {
    const queue = new FairQueue<string>()
    for (const item of ['a1', 'a2', 'a3']) queue.push('alice', item)
    for (const item of ['b1', 'b2']) queue.push('bob', item)
    assert.deepEqual(
      order(queue, () => 5),
      ['a1', 'b1', 'a2', 'b2', 'a3'],
    )
  })

  it('gives an account whose items are quick as much time, and so more turns', () => {
    const queue = new FairQueue<string>()
    for (const item of ['a1', 'a2']) queue.push('alice', item)
    for (let n = 1; n <= 9; n += 1) queue.push('bob', `b${n}`)
    const served = order(queue, (item) => (item.startsWith('a') ? 20 : 5))
    assert.deepEqual(served.slice(0, 6), ['a1', 'b1', 'b2', 'b3', 'b4', 'a2'])
  })

  it('lets one that comes anew go before an account that has had its turn, though fifty of that wait', () => {
    const queue = new FairQueue<string>()
    for (let n = 0; n < 50; n += 1) queue.push('alice', `a${n}`)
    assert.equal(order(queue, () => 20, 3).length, 3)
    queue.push('bob', 'b')
    // Bob counts as having had what Alice has, so she may go first once; after that it is his turn.
    assert.ok(order(queue, () => 20, 2).includes('b'))
  })

  it('never leaves an account waiting for ever, however many quick ones keep coming', () => {
    const queue = new FairQueue<string>()
    queue.push('alice', 'a1')
    queue.push('alice', 'a2')
    let turns = 0
    for (let n = 0; queue.size > 0 && turns < 1000; n += 1) {
      if (turns < 500) queue.push(`one-time-${n}`, 'quick')
      const turn = queue.next(any)
      assert.ok(turn)
      turns += 1
      queue.spend(turn.account, turn.account === 'alice' ? 20 : 1)
      queue.remove(turn.account, turn.item)
      if (turn.item === 'a2') break
    }
    assert.ok(turns < 100, `the second item came after ${turns} turns`)
  })

  it('passes over heads that do not fit, and takes items out of the middle', () => {
    const queue = new FairQueue<string>()
    for (const item of ['a1', 'a2', 'a3']) queue.push('alice', item)
    queue.push('bob', 'b1')
    assert.equal(queue.next((head) => head !== 'a1')?.item, 'b1')
    queue.remove('alice', 'a2')
    queue.remove('alice', 'a2')
    queue.remove('nobody', 'a1')
    assert.equal(queue.size, 3)
    assert.deepEqual(
      order(queue, () => 1),
      ['a1', 'b1', 'a3'],
    )
    assert.equal(queue.next(any), null)
  })
})
