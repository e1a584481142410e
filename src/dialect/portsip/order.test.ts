import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FaultError } from '../fault.ts'
import { readOrder } from './order.ts'

describe('an orderby', () => {
  it('is the newest start first where there is none', () =>
    assert.deepEqual(readOrder(null), { by: 'startedAtUs', descending: true }))

  const cases: { orderby: string; order: object; because: string }[] = [
    { orderby: 'started_at', order: { by: 'startedAtUs', descending: false }, because: 'ascending is meant' },
    { orderby: ' started_at  DESC ', order: { by: 'startedAtUs', descending: true }, because: 'words have no case' },
    {
      orderby: 'answered_at desc',
      order: { by: 'answeredAtUs', descending: true, blanks: true },
      because: 'a call that was not answered stays in the list',
    },
    {
      orderby: 'caller asc, started_at desc',
      order: { by: 'from.asSent', descending: false, blanks: true, thenBy: [{ by: 'startedAtUs', descending: true }] },
      because: 'the second field decides where the first does not',
    },
    {
      orderby: 'duration,trunk,id desc,callee',
      order: {
        by: 'durationS',
        descending: false,
        thenBy: [
          { by: 'trunk.name', descending: false },
          { by: 'id', descending: true },
        ],
      },
      because: 'behind the id nothing is left to decide',
    },
  ]
  for (const { orderby, order, because } of cases)
    it(`reads "${orderby}": ${because}`, () => assert.deepEqual(readOrder(orderby), order))

  const refusals: { orderby: string; why: RegExp }[] = [
    { orderby: 'colour', why: /^colour is not a field of a call log$/ },
    { orderby: 'constructor', why: /^constructor is not a field/ },
    { orderby: 'end_reason', why: /^end_reason cannot be sorted by: id, caller, .* can$/ },
    { orderby: 'status_code desc', why: /^status_code cannot be sorted by/ },
    { orderby: 'caller down', why: /^must be fields with asc or desc/ },
    { orderby: 'caller asc desc', why: /^must be fields with asc or desc/ },
    { orderby: 'caller,,callee', why: /^must be fields with asc or desc/ },
    { orderby: 'caller, caller desc', why: /^names caller twice$/ },
    { orderby: 'caller,callee,trunk,duration,cost,id', why: /^must have at most 5 fields$/ },
  ]
  for (const { orderby, why } of refusals)
    it(`refuses "${orderby}": ${why.source}`, () =>
      assert.throws(
        () => readOrder(orderby),
        (error) =>
          error instanceof FaultError &&
          error.fault.code === 'bad_request' &&
          error.fault.field === 'orderby' &&
          why.test(error.fault.why),
      ))
})
