import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { aBody, type Body, reading } from '../../../test/support/a-report.ts'
import { anyReportBodies } from '../../../test/support/any-body.ts'
import { quickFacts } from './quick-facts.ts'

/** The body with what makes it be read field by field, and changes nothing of what it says. */
function unhurried(body: Body): Body {
  return { ...body, stated: null }
}

/** The keys of an object, and of those in it, in another order. */
function turned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, turned(inner)]),
  )
}

describe('reading what is there', () => {
  it('gives the same report as looking for all that there could be, facts in the same order', () => {
    fc.assert(
      fc.property(anyReportBodies({ maxLength: 2 }), fc.boolean(), (set, isTurned) => {
        for (const { body } of set) {
          const given = (isTurned ? turned(body) : body) as Body
          assert.notEqual(quickFacts(given), null)
          const raw = JSON.stringify(body)
          assert.equal(JSON.stringify(reading(given, { raw })), JSON.stringify(reading(unhurried(given), { raw })))
        }
      }),
      { numRuns: 300 },
    )
  })

  for (const { body, because } of [
    { body: aBody({ colour: 'red' }), because: 'an unknown field' },
    { body: aBody({ from: { number: '+1', colour: 'red' } }), because: 'an unknown field within' },
    { body: aBody({ from: 'Ann' }), because: 'a text where fields are wanted' },
    { body: aBody({ started_at: 'yesterday' }), because: 'a value that cannot be read' },
    { body: aBody({ recordings: [{}] }), because: 'an entry that nothing tells from others' },
    { body: aBody({ stated: [] }), because: 'an answer of ours that comes back' },
  ])
    it(`leaves it to the other reader where there is ${because}`, () => {
      assert.equal(quickFacts(body), null)
    })

  it('says of a fault what is said without it', () => {
    for (const body of [aBody({ colour: 'red' }), aBody({ hangup: { code: 'x' }, tags: 7 })])
      assert.deepEqual(reading(body), reading(unhurried(body)))
  })
})
