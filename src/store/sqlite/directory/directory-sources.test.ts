import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ALICE, DirectoryInFolder, refusal } from '../../../../test/support/directory-in-folder.ts'
import type { Source, SourceGiven } from '../../directory.ts'
import { keepPassword } from '../../source-secret.ts'

describe('sources on SQLite', () => {
  let at: DirectoryInFolder
  beforeEach(() => {
    at = new DirectoryInFolder()
    at.addAccount(ALICE)
  })
  afterEach(() => at.remove())
  const aSource = (given: Partial<SourceGiven> = {}): SourceGiven => ({
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
    const nobody = { user: null, hasPassword: false, hasToken: false, addresses: [] }
    const kept = {
      ...aSource({ kind: 'asterisk', rules: [] }),
      access: nobody,
      services: [],
      createdAtUs: at.nowUs - 1,
    }
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
  const services = (...given: object[]) => ({ services: given as unknown as Source['services'] })
  const refused: { given: Partial<SourceGiven>; field: string }[] = [
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
    { given: { access: { user: 'pbx' } }, field: 'access.password' },
    { given: { access: { password: 'correct horse' } }, field: 'access.user' },
    { given: { access: { user: 'pbx', password: null } }, field: 'access.password' },
    { given: { access: { user: 'a:b', password: 'correct horse' } }, field: 'access.user' },
    { given: { access: { user: '', password: 'correct horse' } }, field: 'access.user' },
    { given: { access: { user: 'pbx', password: 'correct' } }, field: 'access.password' },
    { given: { access: { user: 'pbx', password: 'x'.repeat(257) } }, field: 'access.password' },
    { given: { access: { token: 'x'.repeat(15) } }, field: 'access.token' },
    { given: { access: { token: 'two words of a token' } }, field: 'access.token' },
    { given: { access: { addresses: ['192.0.2.1', 'pbx.example'] } }, field: 'access.addresses[1]' },
    { given: { access: { addresses: Array.from({ length: 101 }, () => '192.0.2.1') } }, field: 'access.addresses' },
    { given: services({ number: '', kind: 'ivr', name: null }), field: 'services[0].number' },
    { given: services({ number: '80 00', kind: 'ivr', name: null }), field: 'services[0].number' },
    { given: services({ number: '8000', kind: 'desk', name: null }), field: 'services[0].kind' },
    { given: services({ number: '8000', kind: 'queue', name: ' ' }), field: 'services[0].name' },
    {
      given: services({ number: '8000', kind: 'queue', name: null }, { number: '8000', kind: 'ivr', name: null }),
      field: 'services[1].number',
    },
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

  describe('let in', () => {
    const PASSWORD = 'correct horse'
    const basic = (user: string, password: string) => at.directory.admits('pbx', { scheme: 'basic', user, password })
    const bearer = (token: string) => at.directory.admits('pbx', { scheme: 'bearer', token })
    const from = (address: string) => at.directory.admits('pbx', { scheme: 'address', address })
    const put = (access: SourceGiven['access']) =>
      at.directory.putSource(aSource({ name: 'pbx', kind: 'portsip', ...(access === undefined ? {} : { access }) }))

    it('nobody unless they say who, and nobody for a source that is not there', () => {
      const { access } = put(undefined)
      assert.deepEqual(access, { user: null, hasPassword: false, hasToken: false, addresses: [] })
      assert.deepEqual([basic('', ''), bearer(''), from('127.0.0.1')], [false, false, false])
      const there = { scheme: 'basic', user: '', password: '' } as const
      assert.equal(at.directory.admits('elsewhere', there), false)
    })

    it('a user with the password and nobody else, over a restart; what is shown has no secret', () => {
      const { access } = put({ user: 'pbx', password: PASSWORD })
      assert.deepEqual(access, { user: 'pbx', hasPassword: true, hasToken: false, addresses: [] })
      at.reopen()
      assert.equal(basic('pbx', PASSWORD), true)
      for (const [user, password] of [
        ['pbx', ''],
        ['pbx', 'correct horsf'],
        ['PBX', PASSWORD],
        ['', PASSWORD],
      ] as const)
        assert.equal(basic(user, password), false, `${user} ${password}`)
      assert.ok(!JSON.stringify(at.directory.sources()).includes(keepPassword('pbx', PASSWORD).sha256))
    })

    it('a Digest by the HA1 of its algorithm', () => {
      put({ user: 'pbx', password: PASSWORD })
      const { ha1 } = keepPassword('pbx', PASSWORD)
      const shown: string[] = []
      const digest = (user: string, algorithm: 'MD5' | 'SHA-256', answer: boolean) => {
        const verify = (held: string) => shown.push(held) > 0 && answer
        return at.directory.admits('pbx', { scheme: 'digest', user, algorithm, verify })
      }
      assert.deepEqual([digest('pbx', 'MD5', true), digest('pbx', 'SHA-256', true)], [true, true])
      assert.deepEqual(shown, [ha1.MD5, ha1['SHA-256']])
      assert.deepEqual([digest('pbx', 'MD5', false), digest('other', 'MD5', true)], [false, false])
    })

    it('a token and a network', () => {
      put({ token: 'a-token-of-a-webhook', addresses: ['192.0.2.7', '2001:db8::/32'] })
      assert.deepEqual([bearer('a-token-of-a-webhook'), bearer('a-token-of-a-webhool')], [true, false])
      const addresses = ['192.0.2.7', '::ffff:192.0.2.7', '192.0.2.8', '2001:db8::1', '2001:db9::1', 'pbx.example']
      assert.deepEqual(addresses.map(from), [true, true, false, true, false, false])
    })

    it('whoever they did before, where the access is not given; null takes one of them away', () => {
      put({ user: 'pbx', password: PASSWORD, token: 'a-token-of-a-webhook', addresses: ['192.0.2.7'] })
      put(undefined)
      assert.deepEqual([basic('pbx', PASSWORD), bearer('a-token-of-a-webhook'), from('192.0.2.7')], [true, true, true])
      put({ token: null, password: 'another horse' })
      const now = [
        basic('pbx', PASSWORD),
        basic('pbx', 'another horse'),
        bearer('a-token-of-a-webhook'),
        from('192.0.2.7'),
      ]
      assert.deepEqual(now, [false, true, false, true])
      put({ user: null, addresses: [] })
      assert.deepEqual(at.directory.source('pbx')?.access, {
        user: null,
        hasPassword: false,
        hasToken: false,
        addresses: [],
      })
      assert.equal(basic('pbx', 'another horse'), false)
    })
  })

  it('keeps what numbers are', () => {
    const { services: kept } = at.directory.putSource(
      aSource(services({ number: '8000', kind: 'queue', name: 'Sales' }, { number: '5000', kind: 'ivr', name: null })),
    )
    at.reopen()
    assert.deepEqual(at.directory.source('fs-london')?.services, kept)
  })
})
