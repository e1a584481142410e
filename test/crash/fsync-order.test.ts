import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { textsOf } from '../../src/store/sqlite/raw/raw-block.ts'
import { rawBlocks } from '../../src/store/sqlite/raw/raw-log.ts'
import { ServerProcess } from '../support/server-process.ts'
import { uuidOf } from '../support/varied-calls.ts'
import { readTrace, type SystemCall, tracerTo, whyNoTrace } from './system-calls.ts'

const why = whyNoTrace()
if (why !== null) console.log(`skipped: ${why}`)

interface Sent {
  /** No other request has as many records, so its answer can be told from the others. */
  records: number
  live: boolean
  markers: string[]
}

/** Requests of 1, 2, 3… records, each record with a text that is nowhere else. */
class Requests {
  readonly sent: Sent[] = []
  #ordinal = 0

  async send(server: ServerProcess, { live }: { live: boolean }): Promise<void> {
    const records = this.sent.length + 1
    const bodies = Array.from({ length: records }, () => {
      const ordinal = ++this.#ordinal
      return {
        call_uuid: uuidOf(ordinal),
        kind: live ? 'start' : 'cdr',
        started_at: '2024-01-15T14:28:48Z',
        ...(live ? {} : { ended_at: '2024-01-15T14:32:00Z' }),
        user_data: `marker-${ordinal}-`,
      }
    })
    this.sent.push({ records, live, markers: bodies.map(({ user_data }) => user_data) })
    const answer = await server.send(bodies.map((body) => JSON.stringify(body)).join('\n'))
    assert.equal(((await answer.json()) as { stored: number }).stored, records)
  }
}

/** Where each block of the first file of a raw log begins, and what is in it. */
function blocksOf(raw: string): { offset: number; text: string }[] {
  return [...rawBlocks(raw, 1)].map((block) => ({ offset: block.offset, text: textsOf(block).texts.join('\n') }))
}

const isSync = ({ name, result }: SystemCall) => (name === 'fdatasync' || name === 'fsync') && result === 0

describe('a server that answers', { skip: why ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'calltrail-trace-'))
  const data = join(folder, 'data')
  after(() => rmSync(folder, { recursive: true }))

  it('has synced the raw log and then the file of the call, before', async (t) => {
    const trace = join(folder, 'trace')
    const server = await ServerProcess.start(data, tracerTo(trace))
    const requests = new Requests()
    try {
      for (let n = 0; n < 8; n += 1) await requests.send(server, { live: n % 2 === 0 })
      for (let round = 0; round < 4; round += 1)
        await Promise.all([0, 1, 2, 3].map((n) => requests.send(server, { live: n % 2 === 0 })))
    } finally {
      await server.end('SIGTERM')
    }
    const calls = readTrace(trace)
    const log = join(data, 'raw', '000001.zlog')
    const rawWrites = writesByOffset(calls, log)
    const blocks = blocksOf(join(data, 'raw'))
    let proved = 0
    for (const { records, live, markers } of requests.sent) {
      const answer = answerTo(calls, records)
      const wal = live ? join(data, 'live.db-wal') : join(data, 'segments', '000001.db-wal')
      for (const marker of markers) {
        const block = blocks.find(({ text }) => text.includes(marker))
        const rawWrite = rawWrites.get(block?.offset ?? -1)
        assert.ok(rawWrite, `${marker} was written to the raw log`)
        const rawSync = calls.find((call) => isSync(call) && call.path === log && call.began > rawWrite.ended)
        assert.ok(rawSync && rawSync.ended < answer.began, `the raw log was synced before the answer to ${marker}`)
        const rowWrite = calls.find(({ path, data }) => path === wal && data.includes(marker))
        assert.ok(rowWrite, `${marker} was written to ${wal}`)
        const rowSync = calls.find((call) => isSync(call) && call.path === wal && call.began > rowWrite.ended)
        assert.ok(rowSync && rowSync.ended < answer.began, `${wal} was synced before the answer to ${marker}`)
        assert.ok(rawSync.ended < rowSync.began, 'the raw log was synced before the row that points into it')
        proved += 1
      }
    }
    const syncs = calls.filter(isSync).length
    t.diagnostic(`${proved} records of ${requests.sent.length} requests, ${syncs} syncs among ${calls.length} calls`)
  })
})

/** The write of the one answer that tells of so many records. */
function answerTo(calls: readonly SystemCall[], records: number): SystemCall {
  const answers = calls.filter(
    ({ path, data }) => path.startsWith('socket:') && data.includes(`\\"received\\":${records},`),
  )
  assert.equal(answers.length, 1, `${answers.length} answers tell of ${records} records`)
  return answers[0] as SystemCall
}

/** The writes to a file that is only appended to, by the place at which each began. */
function writesByOffset(calls: readonly SystemCall[], path: string): Map<number, SystemCall> {
  const writes = new Map<number, SystemCall>()
  let offset = 0
  for (const call of calls.filter((one) => one.path === path && !isSync(one))) {
    writes.set(offset, call)
    offset += call.result
  }
  return writes
}
