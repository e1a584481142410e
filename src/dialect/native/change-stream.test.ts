import assert from 'node:assert/strict'
import { once } from 'node:events'
import { afterEach, describe, it } from 'node:test'
import { ChangeStream, type ChangeStreamGiven, type StreamPage } from './change-stream.ts'

const HOUR_MS = 3_600_000

describe('a stream of changes', () => {
  const opened: ChangeStream[] = []
  afterEach(() => {
    for (const stream of opened.splice(0)) stream.readable.destroy()
  })

  /** A stream over changes numbered 1, 2, 3…, two to a page, of which `last` is the newest. */
  function open(last: { changeSeq: number }, over: Partial<ChangeStreamGiven> = {}) {
    const reads: number[] = []
    const stream = new ChangeStream({
      after: 0,
      greeting: 'hello ',
      read: async (after): Promise<StreamPage> => {
        reads.push(after)
        const next = Math.min(after + 2, last.changeSeq)
        return { text: next > after ? `${after + 1}-${next} ` : '', next, more: next === after + 2 }
      },
      mayWatch: () => true,
      heartbeatMs: HOUR_MS,
      cutOff: () => undefined,
      onClose: () => undefined,
      ...over,
    })
    opened.push(stream)
    stream.readable.setEncoding('utf8')
    return { stream, reads }
  }

  /** The text that a reader who asks gets next. */
  function taken({ readable }: ChangeStream): Promise<string> {
    return new Promise((resolve) => {
      readable.once('data', (text: string) => {
        readable.pause()
        resolve(text)
      })
      readable.resume()
    })
  }

  it('greets, tells what is there page by page, and then waits', async () => {
    const { stream, reads } = open({ changeSeq: 3 })
    assert.deepEqual([await taken(stream), await taken(stream), await taken(stream)], ['hello ', '1-2 ', '3-3 '])
    assert.deepEqual(reads, [0, 2])
  })

  it('goes on when it is woken', async () => {
    const last = { changeSeq: 1 }
    const { stream } = open(last)
    assert.deepEqual([await taken(stream), await taken(stream)], ['hello ', '1-1 '])
    const more = taken(stream)
    last.changeSeq = 2
    stream.wake(2)
    assert.equal(await more, '2-2 ')
  })

  it('reads again when a change came while it read, so that none is overlooked', async () => {
    const reading = Promise.withResolvers<StreamPage>()
    const pages = [reading.promise, Promise.resolve({ text: 'late ', next: 1, more: false })]
    const asked = Promise.withResolvers<void>()
    const read = () => {
      asked.resolve()
      return pages.shift() as Promise<StreamPage>
    }
    const { stream } = open({ changeSeq: 0 }, { read })
    assert.equal(await taken(stream), 'hello ')
    const told = taken(stream)
    await asked.promise
    stream.wake(1)
    reading.resolve({ text: '', next: 0, more: false })
    assert.equal(await told, 'late ')
  })

  it('reads no further than its reader, and not again for a change that it has told', async () => {
    const { stream, reads } = open({ changeSeq: 9 })
    await taken(stream)
    await taken(stream)
    assert.deepEqual(reads, [0])
    stream.wake(10)
    assert.deepEqual(reads, [0])
    await taken(stream)
    assert.deepEqual(reads, [0, 2])
  })

  it('says that it is alive when nothing happens', async () => {
    const { stream } = open({ changeSeq: 0 }, { heartbeatMs: 1 })
    assert.deepEqual([await taken(stream), await taken(stream)], ['hello ', ': still here\n\n'])
  })

  it('ends with the next page when whoever watches no longer may, and tells nothing more', async () => {
    let mayWatch = true
    const last = { changeSeq: 0 }
    const { stream } = open(last, { mayWatch: () => mayWatch })
    await taken(stream)
    const ended = once(stream.readable.resume(), 'end')
    mayWatch = false
    last.changeSeq = 1
    stream.wake(1)
    await ended
    assert.equal(stream.readable.read(), null)
  })

  it('ends with the next heartbeat when whoever watches no longer may', async () => {
    const { stream } = open({ changeSeq: 0 }, { mayWatch: () => false, heartbeatMs: 1 })
    assert.equal(await taken(stream), 'hello ')
    await once(stream.readable.resume(), 'end')
  })

  it('is cut off when it has to end and its reader does not keep up', async () => {
    const { stream } = open({ changeSeq: 9 })
    await taken(stream)
    await taken(stream)
    const closed = once(stream.readable, 'close')
    stream.end()
    await closed
    assert.equal(stream.readable.readableEnded, false)
  })

  it('says once that it is over', async () => {
    let closed = 0
    const { stream } = open({ changeSeq: 0 }, { onClose: () => (closed += 1) })
    await taken(stream)
    const over = once(stream.readable.resume(), 'close')
    stream.end()
    stream.end()
    await over
    stream.readable.destroy()
    assert.equal(closed, 1)
  })

  it('breaks off when changes cannot be read', async () => {
    const { stream } = open({ changeSeq: 1 }, { read: () => Promise.reject(new Error('the store is closed')) })
    const failed = once(stream.readable, 'error')
    stream.readable.resume()
    assert.equal(((await failed)[0] as Error).message, 'the store is closed')
  })
})
