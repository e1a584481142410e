import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ALICE, DirectoryInFolder, refusal } from '../../../test/support/directory-in-folder.ts'
import type { Source } from '../directory.ts'

describe('sources on SQLite', () => {
  let at: DirectoryInFolder
  beforeEach(() => {
    at = new DirectoryInFolder()
    at.addAccount(ALICE)
  })
  afterEach(() => at.remove())
  const aSource = (given: Partial<Source> = {}): Omit<Source, 'createdAtUs'> => ({
    name: 'fs-london',
    kind: 'freeswitch',
    timeZone: 'Europe/London',
    rules: [{ match: 'domain', value: 'alice.example', accountId: ALICE }],
    ...given,
  })

  it('keeps a source over a restart, replaces it whole, and keeps when it was made', () => {
    at.directory.putSource(aSource())
    at.nowUs += 1
    at.directory.putSource(aSource({ kind: 'asterisk', rules: [] }))
    at.reopen()
    const kept = { ...aSource({ kind: 'asterisk', rules: [] }), createdAtUs: at.nowUs - 1 }
    assert.deepEqual(at.directory.source('fs-london'), kept)
  })

  it('lists sources by name and forgets a deleted one', () => {
    for (const name of ['c', 'a', 'b']) at.directory.putSource(aSource({ name }))
    assert.equal(at.directory.deleteSource('a'), true)
    assert.equal(at.directory.deleteSource('a'), false)
    assert.equal(at.directory.source('a'), null)
    at.reopen()
    assert.deepEqual(
      at.directory.sources().map(({ name }) => name),
      ['b', 'c'],
    )
  })

  const rule = (match: Source['rules'][number]['match'], value: string | null, accountId = ALICE) => ({
    rules: [
      { match: 'fixed' as const, value: null, accountId: ALICE },
      { match, value, accountId },
    ],
  })
  const refused: { given: Partial<Source>; field: string }[] = [
    { given: { name: '' }, field: 'name' },
    { given: { name: 'FS' }, field: 'name' },
    { given: { name: '..' }, field: 'name' },
    { given: { name: 'a/b' }, field: 'name' },
    { given: { name: 'x'.repeat(65) }, field: 'name' },
    { given: { kind: 'cisco' as 'native' }, field: 'kind' },
    { given: { timeZone: 'Mars/Olympus' }, field: 'timeZone' },
    { given: rule('fixed', 'x'), field: 'rules[1].value' },
    { given: rule('domain', null), field: 'rules[1].value' },
    { given: rule('trunk', ''), field: 'rules[1].value' },
    { given: rule('tenant', 'x'.repeat(256)), field: 'rules[1].value' },
    { given: rule('did', 'none'), field: 'rules[1].value' },
    { given: rule('peer', 'pbx.example'), field: 'rules[1].value' },
    { given: rule('peer', '10.0.0.0/33'), field: 'rules[1].value' },
    { given: rule('peer', '10.0.0.0/'), field: 'rules[1].value' },
    { given: rule('colour' as 'did', '1'), field: 'rules[1].match' },
    { given: rule('did', '1', 'MA000000000000000000'), field: 'rules[1].accountId' },
    { given: { rules: Array.from({ length: 1001 }, () => rule('fixed', null).rules[0] as never) }, field: 'rules' },
  ]
  for (const { given, field } of refused) {
    it(`refuses ${JSON.stringify(given).slice(0, 120)}, naming ${field}`, () => {
      assert.throws(() => at.directory.putSource(aSource(given)), refusal('invalid', field))
      assert.deepEqual(at.directory.sources(), [])
    })
  }

  it('takes names, offsets and networks at their edges', () => {
    const edges = [
      aSource({ name: 'x'.repeat(64), timeZone: '+05:30' }),
      aSource({ name: '...', ...rule('peer', '2001:db8::/32') }),
      aSource({ name: 'a_b-c.d', ...rule('peer', '0.0.0.0/0') }),
    ]
    for (const source of edges) at.directory.putSource(source)
    assert.equal(at.directory.sources().length, 3)
  })
})
