import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { SliceLoop, type TaskOutcome } from './slice-loop.ts'

const SLICE_MS = 20

/** A set of connections that knows whether a task is under way on it. */
class Connections {
  isTaken = false
  isClosed = false
  refreshed = 0
  isBroken = false
  refresh(): void {
    assert.ok(!this.isClosed && !this.isTaken)
    if (this.isBroken) throw new Error('broken')
    this.refreshed += 1
  }
  close(): void {
    assert.ok(!this.isClosed)
    this.isClosed = true
  }
}

describe('a slice loop', () => {
  let nowMs: number
  let slices: string[]
  let opened: Connections[]
  let outcomes: Map<number, TaskOutcome>
  let no: number
  beforeEach(() => {
    nowMs = 0
    slices = []
    opened = []
    outcomes = new Map()
    no = 0
  })

  function aLoop({ mostReaders = 2, giveUpAfterMs = null as number | null } = {}): SliceLoop<Connections> {
    return new SliceLoop<Connections>({
      mostReaders,
      giveUpAfterMs,
      openReader() {
        const reader = new Connections()
        opened.push(reader)
        return reader
      },
      onOutcome: (own, outcome) => {
        assert.ok(!outcomes.has(own), `${own} is answered twice`)
        outcomes.set(own, outcome)
      },
      onSlice: () => {},
      now: () => nowMs,
    })
  }

  /** A task of so many slices; it answers its own name. */
  function add(
    loop: SliceLoop<Connections>,
    account: string,
    { count = 1, fails = false, ends = () => {} } = {},
  ): number {
    no += 1
    const name = `${account}${no}`
    const slice = (): void => {
      nowMs += SLICE_MS
      slices.push(account)
    }
    const work = (reader: Connections): unknown => {
      assert.ok(!reader.isTaken && !reader.isClosed, `${name} got a reader that another has`)
      slice()
      if (count > 1) return steps(reader)
      if (fails) throw new Error(name)
      return name
    }
    function* steps(reader: Connections): Generator<void, string> {
      reader.isTaken = true
      try {
        for (let n = 1; n < count; n += 1) {
          yield
          slice()
        }
        if (fails) throw new Error(name)
        return name
      } finally {
        reader.isTaken = false
        ends()
      }
    }
    loop.add({ no, account, work })
    return no
  }

  const run = (loop: SliceLoop<Connections>) => {
    while (loop.runSlice());
  }
  const answerOf = (own: number) => (outcomes.get(own) as { answer?: unknown } | undefined)?.answer

  it('answers a value and a generator alike', () => {
    const loop = aLoop()
    const [one, many] = [add(loop, 'a'), add(loop, 'b', { count: 5 })]
    run(loop)
    assert.deepEqual([answerOf(one), answerOf(many), loop.size], ['a1', 'b2', 0])
  })

  it('delays the page of another account by two slices at most, though one account has fifty long questions', () => {
    const loop = aLoop()
    for (let n = 0; n < 50; n += 1) add(loop, 'heavy', { count: 30 })
    for (let n = 0; n < 100; n += 1) loop.runSlice()
    const page = add(loop, 'quick')
    const before = slices.length
    while (!outcomes.has(page)) loop.runSlice()
    assert.ok(slices.length - before <= 3, `${slices.length - before} slices`)
  })

  it('works on one task of an account at a time, and on as many accounts as it may have readers', () => {
    const loop = aLoop({ mostReaders: 3 })
    for (const account of ['a', 'a', 'b', 'c', 'd']) add(loop, account, { count: 4 })
    for (let n = 0; n < 6; n += 1) loop.runSlice()
    assert.deepEqual(slices, ['a', 'b', 'c', 'a', 'b', 'c'])
    run(loop)
    assert.deepEqual([opened.length, outcomes.size], [3, 5])
  })

  it('answers questions of no account by turns with those of any', () => {
    const loop = aLoop({ mostReaders: 1 })
    const [long, own] = [add(loop, 'a', { count: 3 }), add(loop, '')]
    run(loop)
    assert.deepEqual([answerOf(long), answerOf(own)], ['a1', '2'])
  })

  it('refreshes readers when they are done, and those that have nothing to do when it is told to', () => {
    const loop = aLoop({ mostReaders: 2 })
    add(loop, 'a', { count: 9 })
    add(loop, 'b')
    for (let n = 0; n < 4; n += 1) loop.runSlice()
    const refreshed = () => opened.map((reader) => reader.refreshed)
    assert.deepEqual(refreshed(), [0, 1])
    loop.refresh()
    assert.deepEqual(refreshed(), [0, 2])
    run(loop)
    loop.refresh()
    assert.deepEqual(refreshed(), [2, 3])
  })

  it('opens another reader in the place of one that cannot be refreshed', () => {
    const loop = aLoop({ mostReaders: 1 })
    add(loop, 'a')
    run(loop)
    const [broken] = opened as [Connections]
    broken.isBroken = true
    loop.refresh()
    assert.ok(broken.isClosed)
    const next = add(loop, 'a')
    run(loop)
    assert.deepEqual([answerOf(next), opened.length], ['a2', 2])
  })

  it('passes an error on, and goes on with the reader', () => {
    const loop = aLoop({ mostReaders: 1 })
    const failing = [add(loop, 'a', { fails: true }), add(loop, 'a', { count: 3, fails: true })]
    const good = add(loop, 'a', { count: 2 })
    run(loop)
    for (const own of failing) assert.match(String((outcomes.get(own) as { error: Error }).error), /Error: a/)
    assert.deepEqual([answerOf(good), opened.length], ['a3', 1])
  })

  it('ends a cancelled task between two slices, lets it tidy up, and never answers it', () => {
    const loop = aLoop({ mostReaders: 1 })
    let tidied = 0
    const [gone, waiting, kept] = [
      add(loop, 'a', { count: 100, ends: () => (tidied += 1) }),
      add(loop, 'a'),
      add(loop, 'b', { count: 2 }),
    ]
    loop.runSlice()
    loop.runSlice()
    assert.deepEqual([slices, tidied], [['a', 'a'], 0])
    loop.cancel(gone)
    loop.cancel(waiting)
    loop.cancel(gone)
    assert.equal(tidied, 1)
    run(loop)
    assert.deepEqual([[...outcomes.keys()], slices], [[kept], ['a', 'a', 'b', 'b']])
  })

  it('gives up what has worked too long, unless it is done by then', () => {
    const loop = aLoop({ giveUpAfterMs: 50, mostReaders: 1 })
    const [long, short] = [add(loop, 'a', { count: 4 }), add(loop, 'b', { count: 3 })]
    run(loop)
    assert.deepEqual([outcomes.get(long), answerOf(short)], [{ givenUp: true }, 'b2'])
    assert.equal(slices.filter((account) => account === 'a').length, 3)
  })

  it('does not use a reader again that it could not bring to an end', () => {
    const loop = aLoop({ mostReaders: 1 })
    const broken = add(loop, 'a', {
      count: 5,
      ends: () => {
        throw new Error('the file is gone')
      },
    })
    loop.runSlice()
    loop.cancel(broken)
    const next = add(loop, 'a')
    run(loop)
    assert.deepEqual([answerOf(next), opened.length, opened[0]?.isClosed], ['a2', 2, true])
  })

  it('closes every reader, and ends what is under way', () => {
    const loop = aLoop()
    let tidied = 0
    for (const account of ['a', 'b', 'c']) add(loop, account, { count: 9, ends: () => (tidied += 1) })
    for (let n = 0; n < 4; n += 1) loop.runSlice()
    loop.close()
    assert.deepEqual([tidied, opened.map(({ isClosed }) => isClosed), loop.size], [2, [true, true], 0])
    assert.equal(loop.runSlice(), false)
  })

  it('answers everything that is not cancelled, once and rightly, whatever is cancelled when', () => {
    const step = fc.oneof(
      fc.record({
        add: fc.constantFrom('a', 'b', 'c', ''),
        count: fc.integer({ min: 1, max: 6 }),
        fails: fc.boolean(),
      }),
      fc.record({ cancel: fc.nat(30) }),
      fc.record({ slices: fc.nat(4) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (steps, mostReaders) => {
        ;[outcomes, opened, no] = [new Map(), [], 0]
        const loop = aLoop({ mostReaders })
        const added = new Map<number, { name: string; fails: boolean }>()
        const cancelled = new Set<number>()
        for (const one of steps) {
          if ('add' in one) {
            const own = add(loop, one.add, one)
            added.set(own, { name: `${one.add}${own}`, fails: one.fails })
          } else if ('cancel' in one) {
            if (added.has(one.cancel) && !outcomes.has(one.cancel)) cancelled.add(one.cancel)
            loop.cancel(one.cancel)
          } else for (let n = 0; n < one.slices; n += 1) loop.runSlice()
        }
        run(loop)
        for (const [own, { name, fails }] of added) {
          const outcome = outcomes.get(own)
          if (outcome === undefined) assert.ok(cancelled.has(own), `${name} was never answered`)
          else if (fails) assert.ok('error' in outcome)
          else assert.deepEqual(outcome, { answer: name })
        }
        assert.ok(opened.length <= mostReaders && opened.every(({ isTaken }) => !isTaken))
        assert.equal(loop.size, 0)
      }),
    )
  })
})
