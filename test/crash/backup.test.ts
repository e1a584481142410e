import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { examineFolder } from '../../src/store/sqlite/doctor/doctor.ts'
import { Cli } from '../support/cli.ts'
import { SEED } from '../support/seed.ts'
import { Seeded } from '../support/seeded.ts'
import { ServerProcess } from '../support/server-process.ts'
import { Load } from './load.ts'

const BACKUPS = Number(process.env.CALLTRAIL_TEST_BACKUPS ?? 2)
const CONNECTIONS = 4
const REPORTS_LOOKED_AT = 40

interface Call {
  call_uuid: string
  state: string
}

describe('a server that is backed up under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'calltrail-backed-up-'))
  const data = join(folder, 'data')
  after(() => rmSync(folder, { recursive: true }))

  const run = async (...args: string[]) => {
    const { code, stderr, stdout } = await new Cli(args, { env: { CALLTRAIL_DATA: data } }).ended
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`)
  }

  it(`has in each of ${BACKUPS} backups every call that was acknowledged before it, once, and no half of one`, {
    timeout: 60_000 * (BACKUPS + 1),
  }, async (t) => {
    t.diagnostic(`seed ${SEED}`)
    const random = new Seeded(SEED)
    const load = new Load(random)
    const server = await ServerProcess.start(data)
    const connections = Array.from({ length: CONNECTIONS }, () => load.run(server))
    try {
      for (let no = 1; no <= BACKUPS; no += 1) {
        await load.answers(random.integer(5, 25))
        const before = structuredClone(load.told)
        await run('backup', join(folder, 'backups'))
        const into = join(folder, `restored-${no}`)
        await run('restore', join(folder, 'backups'), '--into', into)
        await run('verify', join(folder, 'backups'), '--full')
        await check(into, { before, load, random })
        rmSync(into, { recursive: true })
      }
    } finally {
      await server.end('SIGTERM')
      await Promise.all(connections)
    }
  })
})

/** What a restored folder has, against what was acknowledged before its backup and sent at all. */
async function check(
  folder: string,
  { before, load, random }: { before: Load['told']; load: Load; random: Seeded },
): Promise<void> {
  const server = await ServerProcess.start(folder)
  try {
    const text = await (await server.ask('/calls/export?legs=all')).text()
    const calls = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Call)
    const states = new Map(calls.map(({ call_uuid, state }) => [call_uuid, state]))
    assert.equal(states.size, calls.length, 'each once')
    for (const [callUuid, { acknowledged, end }] of before) {
      if (acknowledged.length > 0) assert.ok(states.has(callUuid), `${callUuid} was acknowledged and is not there`)
      if (end === 'acknowledged') assert.equal(states.get(callUuid), 'ended')
    }
    for (let looked = 0; looked < REPORTS_LOOKED_AT; looked += 1) {
      const { call_uuid: callUuid } = random.oneOf(calls) as Call
      const response = await server.ask(`/calls/${callUuid}/reports`)
      const { reports } = (await response.json()) as { reports: string[] }
      for (const report of before.get(callUuid)?.acknowledged ?? []) assert.ok(reports.includes(report))
      for (const report of reports) assert.ok(load.told.get(callUuid)?.sent.includes(report))
      assert.notEqual(reports.length, 0)
    }
  } finally {
    await server.end('SIGTERM')
  }
  const problems = [...examineFolder(folder, { full: true })].filter(({ level }) => level === 'problem')
  assert.deepEqual(problems, [])
}
