import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OptionError, readOptions } from './options.ts'

const QUESTIONS = ['ingest', 'number']

describe('the options', () => {
  it('are a million calls beside PostgreSQL unless something else is asked', () => {
    const options = readOptions([], QUESTIONS)
    assert.ok(options)
    assert.deepEqual([options.calls, options.postgres, options.only], [1_000_000, true, []])
  })

  for (const [text, calls] of [
    ['50000', 50_000],
    ['50k', 50_000],
    ['10m', 10_000_000],
    ['10M', 10_000_000],
    ['100', 100],
  ] as const) {
    it(`read --calls ${text} as ${calls}`, () => {
      assert.equal(readOptions(['--calls', text], QUESTIONS)?.calls, calls)
    })
  }

  for (const args of [
    ['--calls', '99'],
    ['--calls', '1g'],
    ['--calls', '-1'],
    ['--only', 'nothing'],
    ['--rounds', '0'],
    ['--seconds', 'soon'],
    ['--seed', '4294967296'],
    ['--loud'],
    ['stray'],
  ])
    it(`refuse ${args.join(' ')}`, () => {
      assert.throws(() => readOptions(args, QUESTIONS), OptionError)
    })

  it('name each question that is asked', () => {
    assert.deepEqual(readOptions(['--only', 'number', '--only', 'ingest'], QUESTIONS)?.only, ['number', 'ingest'])
  })

  it('are none where help is asked for', () => {
    assert.equal(readOptions(['--help'], QUESTIONS), null)
  })
})
