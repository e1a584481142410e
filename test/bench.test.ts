import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { disk } from '../bench/disk.ts'
import { ingest, ingestCenter } from '../bench/ingest.ts'
import { listByCallType } from '../bench/list-by-call-type.ts'
import type { BenchResult } from '../bench/rig/result.ts'
import { QUESTIONS } from '../bench/run.ts'

const RUN = fileURLToPath(new URL('../bench/run.ts', import.meta.url))

const SIZE = ['--calls', '2000', '--rounds', '1', '--seconds', '0.1', '--without-postgres']

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

function bench(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const ended: Ended = { code: null, stdout: '', stderr: '' }
    child.stdout.on('data', (text) => {
      ended.stdout += text
    })
    child.stderr.on('data', (text) => {
      ended.stderr += text
    })
    child.on('close', (code) => resolve({ ...ended, code }))
  })
}

describe('npm run bench', () => {
  const folder = mkdtempSync(join(tmpdir(), 'calltrail-bench-test-'))
  const scratch = join(folder, 'scratch')
  let ended: Ended
  let result: BenchResult
  before(async () => {
    mkdirSync(scratch)
    const json = join(folder, 'out', 'bench.json')
    ended = await bench(...SIZE, '--folder', scratch, '--json', json)
    assert.equal(ended.code, 0, ended.stderr)
    result = JSON.parse(readFileSync(json, 'utf8')) as BenchResult
  })
  after(() => rmSync(folder, { recursive: true }))

  it('stores the calls, asks every question and gets the right answers', () => {
    const measured = result.rows.filter(({ ours }) => ours !== null)
    assert.deepEqual(
      [...new Set(measured.map(({ question }) => question))],
      [ingest, ingestCenter, ...QUESTIONS].map(({ asks }) => asks),
    )
    for (const { ours } of measured) assert.ok((ours?.median ?? 0) > 0)
  })

  it('says before it starts what it needs', () => {
    assert.match(ended.stderr, /^Needs up to \d+\.\d GB in .* and about \d+ min\.$/m)
  })

  it('prints a table and the machine it was measured on', () => {
    assert.match(ended.stdout, /^question +of +figure +Calltrail +PostgreSQL +ratio +budget +met$/m)
    assert.match(ended.stdout, /\d+ cores, \d+ GiB.*Node \d+\.\d+\.\d+ with SQLite .*; without PostgreSQL$/m)
  })

  it('leaves nothing behind', () => {
    assert.deepEqual(readdirSync(scratch), [])
  })

  it('asks only what is named, of calls that it fills in without measuring that', async () => {
    const json = join(folder, 'only.json')
    const only = [disk, listByCallType].flatMap(({ name }) => ['--only', name])
    const { code, stderr } = await bench(...SIZE, ...only, '--folder', scratch, '--json', json)
    assert.equal(code, 0, stderr)
    const { rows, filled } = JSON.parse(readFileSync(json, 'utf8')) as BenchResult
    assert.deepEqual([...new Set(rows.map(({ question }) => question))], [disk.asks, listByCallType.asks])
    assert.equal(filled, true)
    assert.deepEqual(readdirSync(scratch), [])
  })

  it('refuses what it does not know, with exit code 2', async () => {
    const { code, stderr } = await bench('--only', 'nothing')
    assert.equal(code, 2)
    assert.match(stderr, /--only nothing: must be one of ingest, ingest-center, disk, /)
  })
})
