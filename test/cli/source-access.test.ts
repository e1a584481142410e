import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ALICE, CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'
import { aCdr } from '../support/portsip-pbx.ts'

interface Shown {
  access: { user: string | null; has_password: boolean; has_token: boolean; addresses: string[] }
  services: { number: string; kind: string; name: string | null }[]
}

describe('calltrail source put, of who may send to a webhook', () => {
  const at = new CliFolder(FIRST_ACCOUNT)
  let url = ''
  before(async () => {
    await at.json(['import', '-'])
    url = (await at.serve()).url
  })
  after(() => at.remove())
  const put = (args: readonly string[], input?: string) =>
    at.json<Shown>(['source', 'put', 'pbx', ...args], input === undefined ? {} : { input })
  const post = (authorization: string, body: string) =>
    fetch(`${url}/calltrail/v1/sources/pbx`, { method: 'POST', headers: { authorization }, body })

  it('takes a user with a password from standard input, a token, addresses and services', async () => {
    const made = await put(
      [
        ...['--kind', 'portsip', '--rule', `tenant:901000000000000001=${ALICE}`],
        ...[
          '--user',
          'pbx',
          '--password-stdin',
          '--token',
          'a-token-of-a-webhook',
          '--address',
          '192.0.2.7',
          '10.0.0.0/8',
        ],
        ...['--service', '8100=queue:Sales', '5100=ivr'],
      ],
      'correct horse\n',
    )
    const access = { user: 'pbx', has_password: true, has_token: true, addresses: ['192.0.2.7', '10.0.0.0/8'] }
    const services = [
      { number: '8100', kind: 'queue', name: 'Sales' },
      { number: '5100', kind: 'ivr', name: null },
    ]
    assert.deepEqual([made.access, made.services], [access, services])
    const { stdout } = await at.run(['source', 'list'])
    assert.match(stdout, /^pbx +portsip +UTC +password of pbx, token, 2 addresses +tenant:901000000000000001=/m)
    const basic = `Basic ${Buffer.from('pbx:correct horse').toString('base64')}`
    assert.equal((await post(basic, JSON.stringify(aCdr({ ended: 5 })))).status, 200)
  })

  it('keeps what is not named and takes away what is', async () => {
    const kept = await put(['--time-zone', 'Europe/Berlin'])
    assert.deepEqual([kept.access.has_token, kept.services.length], [true, 2])
    const less = await put(['--no-user', '--no-token', '--no-address'])
    assert.deepEqual(less.access, { user: null, has_password: false, has_token: false, addresses: [] })
  })

  for (const args of [
    ['--user', 'pbx'],
    ['--user', 'pbx', '--password', 'short'],
    ['--password', 'correct horse', '--password-stdin'],
    ['--address', 'pbx.example'],
    ['--service', '8100=desk'],
    ['--service', '8100'],
  ])
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, stderr } = await at.run(['source', 'put', 'pbx', ...args])
      assert.equal(code, 2, stderr)
    })

  it('replays an event once there is a rule, and one that was mended', async () => {
    await put(['--user', 'pbx', '--password', 'correct horse', '--rule', `tenant:1=${ALICE}`])
    const basic = `Basic ${Buffer.from('pbx:correct horse').toString('base64')}`
    const event = JSON.stringify(aCdr({ ended: 5, extra: { session_id: '901772345600100999' } }))
    await post(basic, event)
    await post(basic, event.replace('","', '""'))
    await put(['--rule', `peer:127.0.0.1=${ALICE}`])
    const first = await at.json<{ stored: number; refused: { id: number; field: string }[] }>(
      ['quarantine', 'replay', '--all'],
      { code: 3 },
    )
    assert.deepEqual([first.stored, first.refused.map(({ field }) => field)], [1, ['body']])
    const mended = ['quarantine', 'replay', String(first.refused[0]?.id), '--with', '-']
    assert.equal((await at.json<{ stored: number }>(mended, { input: event })).stored, 1)
  })
})
