import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addFlat, lastRingGroup, listsOf, unitedEntries } from './united-lists.ts'

const FLAT = {
  startedAtUs: 90,
  'center.agents#120/8.id': 8,
  'center.agents#110/7.id': 7,
  'center.agents#120/8.alias': 'Ann. #8',
  'recordings#uhttps://a.example/#1.url': 'https://a.example/#1',
}

describe('the united lists of facts', () => {
  it('have an entry for each key, in the order of the facts, what is not known being null', () => {
    const [agents, recordings] = listsOf(FLAT)
    assert.equal(agents?.path, 'center.agents')
    assert.deepEqual(
      agents.entries.map(({ key, entry }) => [key, entry.id, entry.alias, entry.sip]),
      [
        ['120/8', 8, 'Ann. #8', null],
        ['110/7', 7, null, null],
      ],
    )
    assert.deepEqual(recordings?.entries, [
      { key: 'uhttps://a.example/#1', entry: { id: null, url: 'https://a.example/#1' } },
    ])
  })

  it('are the same facts again', () => {
    const facts = { startedAtUs: 90 }
    addFlat(listsOf(FLAT), facts)
    assert.deepEqual(facts, FLAT)
  })

  it('are shown oldest first', () => {
    const shown = unitedEntries(listsOf(FLAT)).get('center.agents')
    assert.deepEqual(
      shown?.map(({ id, startedAtUs }) => [id, startedAtUs]),
      [
        [7, null],
        [8, null],
      ],
    )
  })

  it('name the ring group of the last queue that has one, by its key where nothing else does', () => {
    const queues = { 'center.queues#100/3.queuedAtUs': 100, 'center.queues#120/.queuedAtUs': 120 }
    const entries = unitedEntries(listsOf(queues)).get('center.queues')
    assert.deepEqual(lastRingGroup(entries), { id: 3, name: null })
    assert.equal(lastRingGroup(undefined), null)
  })
})
