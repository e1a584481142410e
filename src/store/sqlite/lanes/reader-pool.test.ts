import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { aReport } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import { StoreBusyError, TooManyToSortError, TooSlowError } from '../../call-store.ts'
import type { CallQuery, Expr } from '../../query.ts'
import type { RowsPage } from '../reading/read-page.ts'
import { Moves } from '../segments/moves.ts'
import { ReaderPool } from './reader-pool.ts'
import type { Question } from './reader-thread.ts'

const ACCOUNTS = [ALICE, 'MA2025BBBBBBBBBBBBBB', 'MA2025CCCCCCCCCCCCCC', 'MA2025DDDDDDDDDDDDDD'] as const
/** Calls of each account: the last has so many that a long question takes several slices. */
const CALLS = [400, 40, 4, 1500] as const
const MANY = 3

/** Looks at every call sixty times, and finds every one. */
const LONG: Expr = {
  op: 'or',
  of: [
    ...Array.from({ length: 60 }, (_, n) => ({ op: 'contains', field: 'userData', value: `y${n}` }) as const),
    { op: 'ne', field: 'id', value: 0 },
  ],
}

function listOf(account: number, where: Expr | null = null): Question & { kind: 'list' } {
  const query: CallQuery = {
    accountId: ACCOUNTS[account] as string,
    where,
    order: { by: 'startedAtUs', descending: true },
    limit: 10,
    total: true,
  }
  return { kind: 'list', query }
}

describe('a pool of reader threads', () => {
  const at = new SqliteStoreInFolder()
  const pools: ReaderPool[] = []
  before(async () => {
    const store = await at.open()
    for (const [account, count] of CALLS.entries())
      await store.append(
        Array.from({ length: count }, (_, n) =>
          aReport(
            { call_uuid: uuidOf(account * 10_000 + n), user_data: 'x'.repeat(500) },
            { accountId: ACCOUNTS[account] as string },
          ),
        ),
      )
    await store.close()
  })
  after(async () => {
    for (const pool of pools) await pool.close()
    await at.remove()
  })

  function aPool(given: Partial<ConstructorParameters<typeof ReaderPool>[0]> = {}): ReaderPool {
    const onFailure = (error: Error) => {
      throw error
    }
    const usual = { folder: at.folder, moves: Moves.share(), threads: 1, mostReaders: 2, giveUpAfterMs: null }
    const pool = new ReaderPool({ lane: 'tested', heavy: null, mostWaiting: 1000, onFailure, ...usual, ...given })
    pools.push(pool)
    return pool
  }

  const totalOf = ({ total, rows }: RowsPage) => [total, rows.length]

  it('answers each account with its own', async () => {
    const pool = aPool({ threads: 2 })
    const asked = [0, 1, 2, 0, 1, 2].map((account) => pool.ask<RowsPage>(listOf(account)))
    const right = CALLS.slice(0, 3).map((count) => [count, Math.min(10, count)])
    assert.deepEqual((await Promise.all(asked)).map(totalOf), [...right, ...right])
    assert.equal(pool.load().waiting, 0)
  })

  it('answers every question that is not given up, whatever is given up when, and leaves none without an end', async () => {
    const pool = aPool({ threads: 2 })
    const one = fc.record({
      account: fc.nat(2),
      isLong: fc.boolean(),
      ends: fc.constantFrom('answer', 'signal', 'deadline', 'late signal'),
      turns: fc.nat(6),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 12 }), async (questions) => {
        const asked = questions.map(async ({ account, isLong, ends, turns }) => {
          const controller = new AbortController()
          const reading = { signal: controller.signal, deadlineMs: ends === 'deadline' ? 0 : null }
          for (let n = 0; n < turns; n += 1) await turn()
          const answer = pool.ask<RowsPage>(listOf(account, isLong ? LONG : null), reading)
          if (ends === 'late signal') await turn()
          if (ends !== 'answer' && ends !== 'deadline') controller.abort(new Error('gone'))
          return answer
        })
        for (const [n, outcome] of (await Promise.allSettled(asked)).entries()) {
          const { account = 0, ends } = questions[n] ?? {}
          if (outcome.status === 'fulfilled')
            assert.deepEqual(totalOf(outcome.value), [CALLS[account], Math.min(10, CALLS[account] as number)])
          else if (ends === 'deadline') assert.ok(outcome.reason instanceof TooSlowError)
          else assert.equal(ends !== 'answer' && outcome.reason.message, 'gone')
        }
        assert.equal(pool.load().waiting, 0)
      }),
      { numRuns: 25 },
    )
    assert.deepEqual(totalOf(await pool.ask<RowsPage>(listOf(1))), [40, 10])
  })

  it('counts what ended by its signal and at its deadline', async () => {
    const pool = aPool()
    const signal = AbortSignal.abort(new Error('gone before'))
    await assert.rejects(pool.ask(listOf(0), { signal }), /gone before/)
    const controller = new AbortController()
    const gone = pool.ask(listOf(0, LONG), { signal: controller.signal })
    const late = pool.ask(listOf(0, LONG), { deadlineMs: 0 })
    controller.abort(new Error('gone'))
    await assert.rejects(gone, /gone/)
    await assert.rejects(late, (error) => error instanceof TooSlowError && error.deadlineMs === 0)
    await pool.ask(listOf(0))
    const { cancelled, tooSlow, longestSliceMs } = pool.load()
    assert.deepEqual([cancelled, tooSlow, longestSliceMs > 0], [1, 1, true])
    assert.equal(pool.load().longestSliceMs, 0)
  })

  it('has another pool answer what took too long, by the same signal and deadline', async () => {
    const heavy = aPool({ lane: 'heavy' })
    const pool = aPool({ giveUpAfterMs: 0, heavy })
    const controller = new AbortController()
    const { signal } = controller
    const [answered, gone] = [
      pool.ask<RowsPage>(listOf(MANY, LONG)),
      pool.ask<RowsPage>(listOf(MANY, LONG), { signal }),
    ]
    gone.catch(() => {})
    assert.deepEqual(totalOf(await answered), [1500, 10])
    assert.ok(pool.load().givenUp >= 1)
    controller.abort(new Error('gone'))
    const outcome = await gone.then(totalOf, (error: Error) => error.message)
    assert.ok(outcome === 'gone' || (outcome as number[])[0] === 1500)
    assert.deepEqual([pool.load().waiting, heavy.load().waiting], [0, 0])
  })

  it('refuses clients of an account of which too much waits, until some of it has ended, however it ends', async () => {
    const pool = aPool({ mostWaiting: 2 })
    const { signal } = new AbortController()
    const leaving = new AbortController()
    const waiting = [
      pool.ask(listOf(3, LONG), { signal: leaving.signal }),
      pool.ask(listOf(3, LONG), { signal, deadlineMs: 1 }),
    ]
    const ended = Promise.allSettled(waiting)
    await assert.rejects(pool.ask(listOf(3), { signal }), StoreBusyError)
    const others = [
      pool.ask(listOf(0), { signal }),
      pool.ask(listOf(3)),
      pool.ask(listOf(3), { signal, isGoingOn: true, sinceMs: 0 }),
    ]
    assert.equal((await Promise.all(others)).length, 3)
    leaving.abort(new Error('gone'))
    await ended
    assert.equal(pool.load().refused, 1)
    assert.deepEqual(totalOf(await pool.ask<RowsPage>(listOf(0), { signal })), [400, 10])
    await Promise.all([pool.ask(listOf(3), { signal }), pool.ask(listOf(3), { signal })])
  })

  it('passes on what the reader threw, and goes on', async () => {
    const pool = aPool()
    const encoder = { module: new URL('./no-such-module.ts', import.meta.url).href, name: 'csv' }
    await assert.rejects(pool.ask({ ...listOf(0), kind: 'text', encoder }), /no-such-module/)
    const byMos = listOf(0)
    byMos.query.order = { by: 'startedAtUs', descending: true, thenBy: [{ by: 'id', descending: true }] }
    byMos.query.after = { value: 1, id: 1 }
    await assert.rejects(pool.ask(byMos), (error: Error) => !(error instanceof TooManyToSortError))
    assert.deepEqual(totalOf(await pool.ask<RowsPage>(listOf(2))), [4, 4])
  })

  it('answers what was asked when it closes, and refuses what comes after', async () => {
    const pool = aPool()
    const asked = [0, 1, 2].map((account) => pool.ask<RowsPage>(listOf(account, LONG)))
    const controller = new AbortController()
    const gone = pool.ask(listOf(0, LONG), { signal: controller.signal })
    const closed = pool.close()
    controller.abort(new Error('gone'))
    await assert.rejects(gone, /gone/)
    assert.deepEqual(
      (await Promise.all(asked)).map(({ total }) => total),
      CALLS.slice(0, 3),
    )
    await closed
    await assert.rejects(pool.ask(listOf(0)), /closed/)
  })
})
