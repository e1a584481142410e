import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { MOST_EVENTS, MOST_READINGS } from '../src/ingest/portsip/events-of-body.ts'
import { aCdr, aTarget, type Event, PortsipPbx } from './support/portsip-pbx.ts'

const TARGET = { callee: '105', at: 0, answered: 5, ended: 65 }
/** The `call_cdr` of a session of its own, with so many targets. */
const cdrOf = (session: number, targets = 1): Event =>
  aCdr({
    answered: 5,
    ended: 65,
    targets: Array.from({ length: targets }, () => TARGET),
    extra: { session_id: String(session) },
  })
const listOf = (length: number, of: (n: number) => unknown) => Array.from({ length }, (_, n) => of(n))

describe('one request to a webhook', () => {
  let pbx: PortsipPbx
  let source = ''
  before(async () => {
    pbx = await PortsipPbx.start()
  })
  after(() => pbx.stop())
  beforeEach(async () => {
    source = `pbx-${randomUUID()}`
    await pbx.put(source)
  })
  const post = async (body: unknown) => (await pbx.post(JSON.stringify(body), { source })).body
  const entries = async () => (await pbx.quarantine()).filter((entry) => entry.source === source)

  it(`stores a list of ${MOST_EVENTS} events`, async () => {
    const { stored, quarantined } = await post(listOf(MOST_EVENTS, (n) => cdrOf(1000 + n)))
    assert.deepEqual([stored, quarantined], [2 * MOST_EVENTS, 0])
  })

  it('quarantines a longer list once and whole, and a replay stores all of it', async () => {
    const list = listOf(MOST_EVENTS + 1, (n) => cdrOf(2000 + n))
    const tally = await post(list)
    assert.deepEqual([tally.stored, tally.quarantined], [0, 1])
    const [entry, ...others] = await entries()
    assert.deepEqual([entry?.field, others.length], ['body', 0])
    assert.match(entry?.reason, /101 events, and at most 100/)
    const answer = await pbx.server.native(`/quarantine/${entry?.id}/replay`, { method: 'POST' })
    assert.deepEqual(await answer.json(), { stored: true, field: null, reason: null })
    assert.equal((await pbx.calls(source)).length, 2 * list.length)
  })

  it('makes one entry of a mebibyte of what is no event', async () => {
    const { quarantined } = await post(listOf(145_000, (n) => 100_000 + n))
    assert.deepEqual([quarantined, (await entries()).length], [1, 1])
  })

  it(`quarantines whole what would make more than ${MOST_READINGS} calls and legs`, async () => {
    const five = listOf(5, (n) => cdrOf(3000 + n, 200))
    assert.deepEqual(await post(five), { stored: 0, updated: 0, duplicates: 0, quarantined: 1 })
    assert.match((await entries())[0]?.reason, /more than 1000 calls and legs/)
    assert.equal((await post(five.slice(0, 4))).stored, 4 * 201)
  })

  it('makes no leg of a target that names nobody', async () => {
    const nobody = [{}, { callee: '', destination: 'None' }, { start_time: '1735823400', cost: '0.10' }]
    const targets = [...nobody, aTarget(TARGET), ...nobody]
    assert.equal((await post({ ...cdrOf(4000), call_targets: targets })).stored, 2)
    const legs = (await pbx.calls(source)).filter(({ leg }) => leg === 'b')
    assert.deepEqual(
      legs.map(({ to }) => to.number),
      ['105'],
    )
  })

  it('makes one entry of an event of no account, however many targets it has', async (test) => {
    await pbx.put(source, { rules: [] })
    const { directory } = pbx.server.calltrail
    const quarantine = test.mock.method(directory, 'quarantine')
    assert.equal((await post(cdrOf(5000, 200))).quarantined, 201)
    assert.equal(quarantine.mock.calls.flatMap(({ arguments: [given] }) => given).length, 1)
  })

  it('lets others have their turn between its parts', async (test) => {
    await pbx.put(source, { rules: [] })
    let turns = 0
    let turning = true
    const turn = () => {
      turns += 1
      if (turning) setImmediate(turn)
    }
    setImmediate(turn)
    const { directory } = pbx.server.calltrail
    const at: number[] = []
    const quarantine = directory.quarantine.bind(directory)
    test.mock.method(directory, 'quarantine', (given: Parameters<typeof quarantine>[0]) => {
      at.push(turns)
      return quarantine(given)
    })
    await post(listOf(4, (n) => cdrOf(6000 + n, 200)))
    turning = false
    assert.ok(at.length > 1, `${at.length} parts`)
    assert.equal(new Set(at).size, at.length, 'each part in a turn of its own')
  })
})
