import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import type { CountCheck } from './call-store.ts'
import { CountWatch } from './count-watch.ts'

const MINUTE_MS = 60_000

/** A watch over a store that answers its checks with these, one after the other; an error is thrown. */
function watching(answers: (CountCheck | Error)[]) {
  const told = { wrong: [] as string[], errors: [] as unknown[] }
  const watch = new CountWatch({
    calls: {
      async checkCounts() {
        const answer = answers.shift()
        if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often')
        return answer
      },
    },
    onWrong: (what) => told.wrong.push(what),
    onError: (error) => told.errors.push(error),
  })
  return { watch, told }
}

describe('a watch over counts', () => {
  it('adds up what was looked at, and tells of each that is wrong', async () => {
    const { watch, told } = watching([
      { counts: 3, wrong: [] },
      { counts: 2, wrong: ['a day', 'a quarter'] },
    ])
    await watch.check()
    assert.deepEqual([watch.checked, watch.wrong, told.wrong], [3, 0, []])
    await watch.check()
    assert.deepEqual([watch.checked, watch.wrong, told.wrong], [5, 2, ['a day', 'a quarter']])
  })

  it('checks every minute until it is stopped, and goes on after a check that failed', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    const { watch, told } = watching([{ counts: 1, wrong: [] }, new Error('busy'), { counts: 1, wrong: [] }])
    watch.start()
    const minute = async () => {
      mock.timers.tick(MINUTE_MS)
      await new Promise(setImmediate)
      return watch.checked
    }
    assert.deepEqual([await minute(), await minute(), await minute()], [1, 1, 2])
    await watch.stop()
    assert.equal(await minute(), 2)
    assert.deepEqual(told.errors.map(String), ['Error: busy'])
    mock.timers.reset()
  })
})
