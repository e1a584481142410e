import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { AccountSources, MOST_SOURCES, TooManySourcesError } from './account-sources.ts'
import { Refs } from './refs.ts'
import { META_DDL } from './schema.ts'

const ALICE = 1
const BOB = 2

function inMemory() {
  const meta = new DatabaseSync(':memory:')
  meta.exec(META_DDL)
  const sources = new Refs(meta, 'source_refs', { writable: true })
  return { meta, sources, of: new AccountSources(meta, sources, { writable: true }) }
}

describe('the sources of an account', () => {
  it('are those that it has calls of, and nobody else’s', () => {
    const { of } = inMemory()
    assert.equal(of.refFor(ALICE, 'pbx'), of.refFor(BOB, 'pbx'))
    of.refFor(BOB, 'fs-london')
    assert.deepEqual(of.names(ALICE), ['pbx'])
    assert.deepEqual(of.names(BOB).sort(), ['fs-london', 'pbx'])
  })

  it(`are ${MOST_SOURCES} at most, and one that is refused takes nothing from the other accounts`, () => {
    const { meta, sources, of } = inMemory()
    for (let source = 0; source < MOST_SOURCES; source += 1) of.refFor(ALICE, `source-${source}`)
    assert.throws(() => of.refFor(ALICE, 'one-more'), TooManySourcesError)
    assert.equal(sources.refOf('one-more'), null)
    of.refFor(ALICE, 'source-7')
    of.refFor(BOB, 'one-more')
    assert.equal(new AccountSources(meta, sources, { writable: false }).names(ALICE).length, MOST_SOURCES)
  })

  it('can be as many on the server as there are accounts that use them', () => {
    const { meta } = inMemory()
    const insert = meta.prepare('INSERT INTO source_refs (name) VALUES (?)')
    meta.exec('BEGIN')
    for (let source = 0; source < 200_000; source += 1) insert.run(`source-${source}`)
    meta.exec('COMMIT')
    const sources = new Refs(meta, 'source_refs', { writable: true })
    assert.equal(sources.refOf('nobody'), null)
    assert.equal(sources.refFor('new'), 200_001)
  })
})
