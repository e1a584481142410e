import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aBody } from '../support/a-report.ts'
import { ALICE, CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'
import { placesOf } from '../support/folder-texts.ts'
import type { Answer } from '../support/native-admin.ts'

const NUMBER = '+12025551234'

describe('forgetting on the command line', () => {
  let at: CliFolder
  beforeEach(() => {
    at = new CliFolder(FIRST_ACCOUNT)
  })
  afterEach(() => at.remove())

  async function importCalls(...bodies: object[]): Promise<void> {
    writeFileSync(at.file('calls.ndjson'), bodies.map((body) => JSON.stringify(body)).join('\n'))
    await at.json(['import', 'calls.ndjson'])
  }

  it('erases a number, alone and by the server that holds the folder, and shows what was erased', async () => {
    await importCalls(aBody(), aBody({ call_uuid: null, from: { number: '+13125550000' } }))
    const national = await at.run(['erase', '--number', '202-555-1234'])
    assert.match(national.stderr, /looked for as these digits alone/, 'the account has no country')
    assert.match(national.stdout, /calls changed +0/)
    const first = await at.json<Answer>(['erase', '--number', NUMBER, '--reason', 'asked'])
    assert.deepEqual([first.calls, first.reports, first.last_two_digits, first.key_id], [1, 1, '34', null])
    assert.deepEqual(placesOf(at.data, '2025551234'), [])
    await at.serve()
    const second = await at.json<Answer>(['erase', '--number', '+13125550000'])
    assert.deepEqual([second.calls, second.reports], [1, 1])
    const { erasures } = await at.json<Answer>(['erase', '--list'])
    assert.deepEqual(
      erasures.map(({ id, reason }: Answer) => [id, reason]),
      [
        [3, 'command line'],
        [2, 'asked'],
        [1, 'command line'],
      ],
    )
  })

  it('says what would go, waits for a look where it is everything, and lets it go then', async () => {
    await importCalls(aBody(), aBody({ call_uuid: null }))
    await at.json(['account', 'set', ALICE, 'retention.call_days=30'])
    const dry = await at.json<Answer>(['retention', '--dry-run'])
    assert.match(dry.refused, /the clock is \d+ days ahead/)
    assert.deepEqual(dry.accounts, [{ account_id: ALICE, refused: null, calls: 2, recording_links: 0 }])
    assert.equal((await at.json<Answer>(['retention'], { code: 1 })).accounts.length, 0)
    assert.equal((await at.json<Answer>(['retention', '--yes'])).accounts[0].calls, 2)
    const { stdout } = await at.run(['export'])
    assert.equal(stdout, '')
  })

  it('refuses calls that the account would not keep, into the quarantine', async () => {
    await importCalls()
    await at.json(['account', 'set', ALICE, 'retention.call_days=30'])
    writeFileSync(at.file('old.ndjson'), JSON.stringify(aBody()))
    const { refused } = await at.json<Answer>(['import', 'old.ndjson'], { code: 3 })
    assert.ok(refused !== 0)
    const { entries } = await at.json<Answer>(['quarantine', 'list'])
    assert.deepEqual(
      entries.map(({ field, reason }: Answer) => [field, reason]),
      [['ended_at', 'is older than this account keeps calls, 30 days']],
    )
  })
})
