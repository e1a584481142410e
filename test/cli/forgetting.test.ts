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

  /** The lines of a text that have these words. */
  const linesOf = (text: string, words: RegExp) => text.split('\n').filter((line) => words.test(line))

  it('keeps no refused line of an import in which an erased number stands, and says so', async () => {
    await importCalls()
    await at.json(['erase', '--number', NUMBER])
    const lines = [aBody({ direction: 'weird' }), aBody({ direction: 'odd', from: { number: '+13125550000' } })]
    writeFileSync(at.file('bad.ndjson'), lines.map((body) => JSON.stringify(body)).join('\n'))
    const { stdout } = await at.run(['import', 'bad.ndjson'])
    assert.match(stdout, /Refused, and kept in the quarantine .*, but for 1 with a number that was erased:/)
    const { refused, refused_not_kept } = await at.json<Answer>(['import', 'bad.ndjson', '--restart'], { code: 3 })
    assert.deepEqual([refused, refused_not_kept], [2, 1])
    const { entries } = await at.json<Answer>(['quarantine', 'list'])
    assert.equal(entries.length, 1)
    const shown = await at.run(['quarantine', 'show', String(entries[0].id), '--raw'])
    assert.match(shown.stdout, /13125550000/)
    assert.deepEqual(placesOf(at.data, '2025551234'), [])
  })

  it('says what to do where many calls would go at once, and which column means what', async () => {
    const now = Date.now()
    const bodies = Array.from({ length: 1201 }, (_, n) => {
      const startMs = now - (n === 0 ? 0 : 60 * 86_400_000) - n * 1000
      const [started_at, ended_at] = [new Date(startMs).toISOString(), new Date(startMs + 500).toISOString()]
      return aBody({ call_uuid: null, started_at, answered_at: null, ended_at })
    })
    await importCalls(...bodies)
    await at.json(['account', 'set', ALICE, 'retention.call_days=30'])
    const dry = await at.run(['retention', '--dry-run'])
    assert.equal(dry.code, 0)
    assert.match(dry.stdout, /^ACCOUNT +CALLS THAT WOULD GO +/m)
    assert.match(dry.stdout, /^reports as they came, would go with --yes +1,200$/m)
    const held = await at.run(['retention'])
    assert.equal(held.code, 1)
    assert.match(held.stdout, /^ACCOUNT +CALLS GONE +/m)
    assert.match(held.stdout, /^MA\w+ +0 +0 +1200 of 1201 calls would go at once/m)
    for (const { stdout } of [dry, held])
      assert.deepEqual(linesOf(stdout, /--yes lets/), ['calltrail retention --yes lets go what is held back.'])
    const let_go = await at.run(['retention', '--yes'])
    assert.equal(let_go.code, 0)
    assert.match(let_go.stdout, /^MA\w+ +1200 +0$/m)
    assert.match(let_go.stdout, /^reports as they came, gone +1,200$/m)
    assert.deepEqual(linesOf(let_go.stdout, /--yes/), [])
  })

  it('says that no account lets anything go, and how it would', async () => {
    await importCalls(aBody())
    const { code, stdout } = await at.run(['retention'])
    assert.equal(code, 0)
    assert.match(stdout, /^No account lets anything go/)
    assert.match(stdout, /calltrail account set MA\S+ retention\.call_days=365/)
    assert.doesNotMatch(stdout, / 0$/m)
    assert.equal((await at.json<Answer>(['retention'])).reports, 0)
  })

  it('tells of what a restore of one file has put aside: it may hold the number', async () => {
    await importCalls(aBody())
    assert.doesNotMatch((await at.run(['erase', '--number', '+13125550000'])).stderr, /damaged/)
    await at.json(['backup', at.file('backup')])
    const restored = await at.run(['restore', at.file('backup'), '--file', 'live.db', '--into', at.data])
    assert.equal(restored.code, 0, restored.stderr)
    const { stderr, stdout } = await at.run(['erase', '--number', NUMBER])
    assert.match(stdout, /calls changed +1/)
    assert.ok(stderr.includes(`${at.data}/damaged`), stderr)
    assert.match(stderr, /Delete the folder when it is not needed any more/)
    const again = await at.json<Answer>(['erase', '--number', NUMBER])
    assert.equal(again.put_aside, 'damaged')
  })
})
