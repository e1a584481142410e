import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LIFE, type Life } from '../folder/segment-sizes.ts'
import { INDEX_AFTER_US, tasks } from './maintenance-task.ts'
import type { SegmentNews } from './open-segments.ts'

const SIZES = { openCalls: 250, fullCalls: 2000, mergeYoung: 4, overallFrom: 3 }

/** Far from being made anew. */
const OVERALL = { keys: 100, most: 250 }

/** Segments in order of time, each with its life and its calls; the last takes new calls. */
function segments(...given: [life: Life, calls: number | null, over?: Partial<SegmentNews>][]): SegmentNews[] {
  return given.map(([life, calls, over], at) => {
    const beforeUs = at === given.length - 1 ? Number.MAX_SAFE_INTEGER : (at + 1) * 1000
    const range = { no: at + 1, fromUs: at * 1000, beforeUs, path: `${at + 1}.db`, life }
    return { range, calls, capacity: 4000, rolledForUs: 0, ...over }
  })
}

const { open, young, full } = LIFE
const ROLLED = { rolledForUs: INDEX_AFTER_US }

const cases: { given: SegmentNews[]; first: object | undefined; because: string }[] = [
  { given: segments([open, 200]), first: undefined, because: 'one that takes new calls is let alone' },
  { given: segments([full, null], [open, null]), first: { kind: 'fill', no: 2 }, because: 'new calls go there first' },
  { given: segments([full, 6001], [open, 1]), first: { kind: 'fill', no: 1 }, because: 'its filter denies too few' },
  { given: segments([full, 2000], [open, 1]), first: undefined, because: 'it is full, and no more than that' },
  { given: segments([full, 2001], [open, 1]), first: { kind: 'split', no: 1 }, because: 'it has one too many' },
  { given: segments([full, 9], [open, 250]), first: { kind: 'split ahead', no: 2 }, because: 'it could not roll' },
  { given: segments([open, 250], [open, 1]), first: undefined, because: 'it rolled just now' },
  {
    given: segments([open, 250, ROLLED], [open, 1]),
    first: { kind: 'index', no: 1 },
    because: 'it rolled a while ago',
  },
  {
    given: segments([young, 250], [open, 250], [young, 250], [open, 250], [open, 1]),
    first: { kind: 'merge', no: 1, nos: [1, 2, 3, 4] },
    because: 'four lie side by side, with indexes or without',
  },
  {
    given: segments([young, 250], [young, 250], [young, 250], [open, 1]),
    first: undefined,
    because: 'the one that takes new calls is not merged',
  },
  {
    given: segments([young, 250], [full, 1], [young, 250], [young, 250], [young, 250], [open, 1]),
    first: undefined,
    because: 'only three lie side by side',
  },
  {
    given: segments([young, 900], [young, 900], [young, 300], [young, 1], [open, 1]),
    first: { kind: 'merge', no: 1, nos: [1, 2] },
    because: 'more than two would be too much, and those merged must lie side by side',
  },
  {
    given: segments([young, 1900], [young, 900], [young, 300], [young, 1], [open, 1]),
    first: { kind: 'grown', no: 1 },
    because: 'late calls have filled it',
  },
]

describe('what maintenance does next', () => {
  for (const { given, first, because } of cases) {
    const told = given.map(({ range, calls }) => `${Object.keys(LIFE)[range.life]} ${calls ?? '?'}`).join(', ')
    it(`of ${told}: ${first === undefined ? 'nothing' : JSON.stringify(first)}, because ${because}`, () => {
      assert.deepEqual(tasks(given, SIZES, OVERALL).next().value, first)
    })
  }

  const resting = segments([full, 9], [full, 9], [open, 9])
  it('of three or more: the filter over all of them, where there is none, or too many calls have come', () => {
    const next = (given: SegmentNews[], overall: typeof OVERALL | null) => tasks(given, SIZES, overall).next().value
    assert.deepEqual(next(resting, null), { kind: 'fill overall', no: 0 })
    assert.deepEqual(next(resting, { keys: 251, most: 250 }), { kind: 'fill overall', no: 0 })
    assert.equal(next(resting, { keys: 250, most: 250 }), undefined)
    assert.equal(next(resting.slice(1), null), undefined)
    assert.deepEqual(next(segments([full, null], [full, 9], [open, 9]), null), { kind: 'fill', no: 1 })
  })
})
