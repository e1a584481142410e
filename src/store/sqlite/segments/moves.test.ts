import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { Moves } from './moves.ts'

/** A thread that moves a marble between two glasses, `times` times, and tells readers of it. */
const MOVER = `
  const { workerData } = require('node:worker_threads')
  import(workerData.moves).then(({ Moves }) => {
    const moves = new Moves(workerData.shared)
    const glasses = new Int32Array(workerData.glasses)
    for (let n = 0; n < workerData.times; n += 1) {
      moves.begin()
      Atomics.add(glasses, (n + 1) % 2, 1)
      Atomics.sub(glasses, n % 2, 1)
      moves.end()
    }
  })`

describe('moves', () => {
  it('let a reader look at once when nothing moves', () => {
    let looks = 0
    new Moves(Moves.share()).settled(() => {
      looks += 1
    })
    assert.equal(looks, 1)
  })

  it('make a reader look again when a move fell in between', () => {
    const shared = Moves.share()
    const writer = new Moves(shared)
    let looks = 0
    new Moves(shared).settled(() => {
      looks += 1
      if (looks > 2) return
      writer.begin()
      writer.end()
    })
    assert.equal(looks, 3)
  })

  it('do not begin within one another, which readers would take for none', () => {
    const moves = new Moves(Moves.share())
    moves.beginShift()
    assert.throws(() => moves.begin(), /a move began within another/)
  })

  it('wait for a reader that has been disturbed for long', () => {
    const shared = Moves.share()
    const writer = new Moves(shared)
    const reader = new Moves(shared)
    const waits: number[] = []
    reader.settled(() => {
      if (waits.length >= 12) return
      const askedMs = performance.now()
      writer.begin()
      writer.end()
      waits.push(performance.now() - askedMs)
    })
    assert.ok(Math.min(...waits.slice(9)) >= 15, `${waits}`)
  })

  it('never show a marble in both glasses or in none, however fast it is moved', async () => {
    const shared = Moves.share()
    const glasses = new SharedArrayBuffer(8)
    const marbles = new Int32Array(glasses)
    marbles[0] = 1
    const times = 100_000
    const worker = new Worker(MOVER, {
      eval: true,
      workerData: { moves: new URL('./moves.ts', import.meta.url).href, shared, glasses, times },
    })
    const moves = new Moves(shared)
    const exited = new Promise((resolve) => worker.once('exit', resolve))
    let running = true
    exited.then(() => {
      running = false
    })
    let looks = 0
    while (running) {
      let seen = 0
      moves.settled(() => {
        seen = Atomics.load(marbles, 0) + Atomics.load(marbles, 1)
      })
      assert.equal(seen, 1)
      looks += 1
      if (looks % 1000 === 0) await new Promise(setImmediate)
    }
    assert.ok(looks > 0)
  })
})
