import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { ALICE, CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'

interface Made {
  account: { account_id: string; name: string; time_zone: string; billing_increment: { first_s: number } }
  key: { id: string; secret: string; scopes: string[] }
}

interface Entry {
  id: number
  source: string
  account_id: string | null
  origin: string
  reason: string
  raw: string
}

const CALL = { call_uuid: '90b6eb07-796c-4d86-a4fd-44ed11667ddb', kind: 'cdr', started_at: '2026-01-15T14:28:48Z' }
const ENDED = { ...CALL, ended_at: '2026-01-15T14:29:48Z' }

for (const { where, served } of [
  { where: 'alone', served: false },
  { where: 'on a folder that is being served', served: true },
])
  describe(`calltrail account, key, source and quarantine, ${where}`, () => {
    const at = new CliFolder(FIRST_ACCOUNT)
    before(async () => {
      await at.json(['import', '-'])
      if (served) await at.serve()
    })
    after(() => at.remove())

    it('change settings of the only account without its id', async () => {
      const changed = await at.json<Made['account']>(['account', 'set', 'default_country=IN', 'name=Only'])
      assert.equal(changed.name, 'Only')
      const { code, stderr } = await at.run(['account', 'set', ALICE])
      assert.deepEqual([code, /write SETTING=VALUE/.test(stderr)], [2, true])
    })

    it('make an account with a key that is shown this once, and change its settings', async () => {
      const made = await at.json<Made>([
        'account',
        'create',
        'Bob',
        'time_zone=Europe/Berlin',
        'dial_out_prefixes=["9"]',
      ])
      assert.equal(made.account.time_zone, 'Europe/Berlin')
      assert.deepEqual(made.key.scopes, ['read', 'ingest', 'admin'])
      assert.match(made.key.secret, /^ct_[a-z0-9]{12}_/)

      const { account_id: id } = made.account
      const changes = ['billing_increment.first_s=60', 'default_country=DE', 'name=Bob 2']
      const changed = await at.json<Made['account']>(['account', 'set', id, ...changes])
      assert.equal(changed.name, 'Bob 2')
      assert.equal(changed.billing_increment.first_s, 60)
      const groups = '[{"id":7,"time_zone":"Asia/Kolkata","service_level_s":30,"holidays":["2026-12-25"]}]'
      const center = ['service_level_formula=abandoned_positive', 'holidays=["2026-05-01"]', `ring_groups=${groups}`]
      Object.assign(changed, await at.json(['account', 'set', id, ...center]))
      assert.deepEqual(await at.json(['account', 'show', id]), {
        ...changed,
        service_level_formula: 'abandoned_positive',
        holidays: ['2026-05-01'],
        ring_groups: JSON.parse(groups),
      })
      const refused = await at.run(['account', 'set', id, 'ring_groups=[{"id":7,"time_zone":"Europe/Bonn"}]'])
      assert.deepEqual([refused.code, /ring_groups\[0\]\.time_zone: must be an IANA/.test(refused.stderr)], [2, true])
      const { accounts } = await at.json<{ accounts: { account_id: string }[] }>(['account', 'list'])
      assert.ok(accounts.some(({ account_id }) => account_id === id))

      const unnamed = await at.run(['account', 'set', 'name=Who'])
      assert.deepEqual([unnamed.code, /there are 2 accounts: say which one/.test(unnamed.stderr)], [2, true])

      const { stdout } = await at.run(['key', 'list', '--account', id])
      assert.match(stdout, new RegExp(`^${made.key.id} +first key +read,ingest,admin`, 'm'))
      assert.doesNotMatch(stdout, new RegExp(made.key.secret))
    })

    it('refuse settings that cannot be, and names that are not there, with 2', async () => {
      const refused = [
        ['account', 'set', ALICE, 'time_zone=Nowhere/Land'],
        ['account', 'set', ALICE, 'shoe_size=44'],
        ['account', 'show', 'MANOBODY000000000000'],
        ['key', 'revoke', 'abcdefghijkl', '--account', ALICE],
        ['source', 'put', 'x', '--kind', 'fax'],
        ['source', 'put', 'x', '--kind', 'native', '--rule', 'fixed=MANOBODY000000000000'],
        ['source', 'delete', 'nobody'],
        ['quarantine', 'show', '4711'],
        ['quarantine', 'drop'],
      ]
      for (const args of refused) {
        const { code, stdout, stderr } = await at.run(args)
        assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, args.join(' '))
        assert.match(stderr, /^calltrail: \S/, args.join(' '))
      }
    })

    it('make a key and revoke it', async () => {
      const args = ['--account', ALICE, '--name', 'reader', '--scope', 'read', '--expires', '2199-01-01']
      const made = await at.json<Made['key'] & { expires_at: string }>(['key', 'create', ...args])
      assert.deepEqual(made.scopes, ['read'])
      assert.equal(made.expires_at, '2199-01-01T00:00:00.000000Z')
      const revoked = await at.json<{ revoked_at: string | null }>(['key', 'revoke', made.id])
      assert.notEqual(revoked.revoked_at, null)
    })

    it('make, change and delete a source', async () => {
      const rules = [`peer:2001:db8::/32=${ALICE}`, `fixed=${ALICE}`]
      await at.json(['source', 'put', 'fs-london', '--kind', 'freeswitch', '--rule', ...rules])
      const changed = await at.json<{ rules: unknown[] }>([
        'source',
        'put',
        'fs-london',
        '--time-zone',
        'Europe/London',
      ])
      assert.deepEqual(changed.rules, [
        { match: 'peer', value: '2001:db8::/32', account_id: ALICE },
        { match: 'fixed', value: null, account_id: ALICE },
      ])
      const { stdout } = await at.run(['source', 'list'])
      assert.match(stdout, /^fs-london +freeswitch +Europe\/London +peer:2001:db8::\/32=/m)
      await at.json(['source', 'delete', 'fs-london'])
      assert.doesNotMatch((await at.run(['source', 'list'])).stdout, /fs-london/)
    })

    it('show a refused record, take it in mended, and drop another', async () => {
      const broken = [
        { ...ENDED, ended_at: 'yesterday' },
        { ...ENDED, direction: 'sideways' },
      ]
      const input = broken.map((call) => `${JSON.stringify(call)}\n`).join('')
      await at.json(['import', '-', '--account', ALICE], { input, code: 3 })

      const { entries, total } = await at.json<{ entries: Entry[]; total: number }>(['quarantine', 'list'])
      assert.equal(total, 2)
      const [second, first] = entries as [Entry, Entry]
      assert.equal(first.origin, 'standard input:1')
      assert.match((await at.run(['quarantine', 'list'])).stdout, /standard input:2 +direction: must be one of inbound/)
      const { stdout: raw } = await at.run(['quarantine', 'show', String(first.id), '--raw'])
      assert.equal(raw, `${JSON.stringify(broken[0])}\n`)

      const again = await at.json<{ refused: Entry[] }>(['quarantine', 'replay', '--all'], { code: 3 })
      assert.deepEqual(
        again.refused.map(({ id }) => id),
        [second.id, first.id],
      )
      writeFileSync(at.file('mended.json'), JSON.stringify(ENDED))
      const mended = await at.json(['quarantine', 'replay', String(first.id), '--with', 'mended.json'])
      assert.deepEqual(mended, { replayed: 1, stored: 1, refused: [] })
      assert.deepEqual(await at.json(['quarantine', 'drop', String(second.id)]), { dropped: 1 })
      assert.match((await at.run(['quarantine', 'list'])).stdout, /^0 of 0 entries$/m)

      const { stdout: calls } = await at.run(['export', '--account', ALICE])
      assert.equal(JSON.parse(calls).call_uuid, CALL.call_uuid)
    })
  })
